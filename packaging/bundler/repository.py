"""A flat apt repository in one folder, written without the tools of a distribution: its bytes depend on the packages alone."""

import gzip
import hashlib
import shutil
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path

from bundler.apt import plain_name, stanzas
from bundler.run import run
from bundler.sums import digest

Control = dict[str, str]
"""Fields of a package's control file, names in lower case."""


def control_text(path: Path) -> str:
    """The control file of a package."""
    return run("dpkg-deb", "--field", path).decode().strip()


def index(files: list[Path]) -> str:
    """Contents of ``Packages``: each control file with the place, size and hash of its package."""
    parts = []
    for path in files:
        more = f"Filename: ./{path.name}\nSize: {path.stat().st_size}\nSHA256: {digest(path)}\n"
        parts.append(f"{control_text(path)}\n{more}")
    return "\n".join(parts)


def release(files: list[Path], epoch: int) -> str:
    """Contents of ``Release``. It is not signed: the bundle's signature covers the folder."""
    date = format_datetime(datetime.fromtimestamp(epoch, UTC), usegmt=True)
    lines = [
        "Origin: BelgeNet",
        "Label: BelgeNet",
        "Suite: stable",
        "Architectures: amd64 all",
        f"Date: {date}",
        "SHA256:",
    ]
    for path in files:
        content = path.read_bytes()
        lines.append(f" {hashlib.sha256(content).hexdigest()} {len(content)} {path.name}")
    return "\n".join(lines) + "\n"


def write_repository(packages: list[Path], folder: Path, epoch: int) -> list[Control]:
    """Copy the packages and write the index; the control fields of each package, in the order of the names."""
    folder.mkdir(parents=True)
    copies = sorted(folder / plain_name(path) for path in packages)
    for path in packages:
        shutil.copyfile(path, folder / plain_name(path))
    text = index(copies)
    (folder / "Packages").write_text(text, encoding="utf-8")
    packed = gzip.compress(text.encode(), mtime=epoch)
    (folder / "Packages.gz").write_bytes(packed)
    described = release([folder / "Packages", folder / "Packages.gz"], epoch)
    (folder / "Release").write_text(described, encoding="utf-8")
    return list(stanzas(text))
