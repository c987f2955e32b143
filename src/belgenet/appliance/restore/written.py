"""What a restoration put here that was not here before it, on the disk.

A backup whose database cannot be brought back gives way to another one, and that must not run with settings and secrets of the
first: a rule of a firewall, a certificate, a key of a provider that it never had.
"""

import hashlib
import json
import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from belgenet.appliance.restore.journal import store
from belgenet.appliance.vault import Vault

FILE: Final = Path("/var/lib/belgenet/restore/written.json")


class Written:
    """:param backup: id of the one that is being restored."""

    def __init__(self, backup: str, file: Path | None = None) -> None:
        self._file = file or FILE
        self._told: dict[str, Any] = {"backup": backup, "secrets": [], "files": {}}
        self._other: dict[str, Any] | None = None
        with suppress(FileNotFoundError):
            told = json.loads(self._file.read_text(encoding="utf-8"))
            if told["backup"] == backup:
                self._told = told
            else:
                self._other = told

    def give_way(self, vault: Vault) -> None:
        """Take back what another backup put here. A file that somebody has mended since then stays."""
        if self._other is None:
            return
        for place, digest in self._other["files"].items():
            if os.path.lexists(place) and _digest(Path(place)) == digest:
                Path(place).unlink()
        for name in self._other["secrets"]:
            vault.remove(name)
        self._other = None
        self._write()

    def secrets(self, names: Iterable[str]) -> None:
        """To be called before they are written."""
        self._told["secrets"] = sorted({*self._told["secrets"], *names})
        self._write()

    def files(self, pairs: Iterable[tuple[Path, Path]]) -> None:
        """To be called before they are written.

        :param pairs: where each comes from, and where it goes.
        """
        known: dict[str, str] = self._told["files"]
        known |= {
            str(target): _digest(source)
            for source, target in pairs
            if str(target) in known or not os.path.lexists(target)
        }
        self._write()

    def forget(self) -> None:
        """The restoration came to its end."""
        self._file.unlink(missing_ok=True)

    def _write(self) -> None:
        store(self._told, self._file)


def _digest(file: Path) -> str:
    """SHA-256 of a file, or where a link leads; empty: it is a folder now."""
    if file.is_symlink():
        return f"-> {file.readlink()}"
    if not file.is_file():
        return ""
    with file.open("rb") as data:
        return hashlib.file_digest(data, "sha256").hexdigest()
