"""Files of a Python environment, compared with what pip noted about them: ``python -m belgenet.appliance.installed VENV``.

install.sh runs this out of the release's wheel, before anything is installed: only the standard library is imported here.
"""

import base64
import csv
import hashlib
import sys
from collections.abc import Iterator
from pathlib import Path


def digest(file: Path) -> bytes:
    """SHA-256; empty when the file cannot be read."""
    try:
        with file.open("rb") as content:
            return hashlib.file_digest(content, "sha256").digest()
    except OSError:
        return b""


def altered(venv: Path) -> Iterator[str]:
    """Paths below ``site-packages`` of files that are not as they were installed, or are gone.

    What stands elsewhere (``bin/``), and what Python compiled, has no digest that could be compared.
    """
    for record in sorted(venv.glob("lib/python3*/site-packages/*.dist-info/RECORD")):
        with record.open(encoding="utf-8", newline="") as lines:
            for name, noted, _size in csv.reader(lines):
                if not noted.startswith("sha256=") or name.startswith("../"):
                    continue
                found = base64.urlsafe_b64encode(digest(record.parents[1] / name)).rstrip(b"=").decode()
                if found != noted.removeprefix("sha256="):
                    yield name


if __name__ == "__main__":
    sys.exit(1 if any(altered(Path(sys.argv[1]))) else 0)
