"""Certificate and key on the disk, as one: a link to a folder is moved, so nobody ever sees one without the other."""

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256

from belgenet.appliance.tls import files
from belgenet.appliance.tls.layout import Layout
from belgenet.appliance.tls.pem import Key, certificates, private_key, text_of, text_of_key

_KEPT: Final = 3
FILES: Final = ("server.pem", "server.key")


@dataclass(frozen=True)
class Pair:
    """A certificate with its chain, and its key.

    :param origin: mode it was got in; for a self-signed one that stands in for another, ``self_signed``.
    :param directory: the ACME server that gave it.
    """

    chain: list[x509.Certificate]
    key: Key = field(repr=False)
    origin: str = ""
    directory: str = ""

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the server's own certificate, hexadecimal."""
        return self.chain[0].fingerprint(SHA256()).hex()


class Pairs:
    """The pairs of one server."""

    def __init__(self, layout: Layout) -> None:
        self._at = layout

    def live(self) -> Pair | None:
        """The one in use; None before the first, or when it cannot be read."""
        return self._read(self._at.live)

    def loose(self) -> tuple[str, str] | None:
        """Certificate and key that somebody put where ours are linked from; None when there are none."""
        paths = [self._at.folder / name for name in FILES]
        if any(path.is_file() and not path.is_symlink() for path in paths) and all(path.is_file() for path in paths):
            return paths[0].read_text(errors="replace"), paths[1].read_text(errors="replace")
        return None

    def linked(self) -> bool:
        """Whether Nginx's two files are the pair in use."""
        return all(
            (link := self._at.folder / name).is_symlink() and link.readlink() == Path("live", name) for name in FILES
        )

    def use(self, pair: Pair, accept: Callable[[], None]) -> None:
        """Change to a pair. When ``accept`` raises, the one before is back in use and the error goes on.

        :param accept: has Nginx look at its files, and read them.
        """
        before = self._at.live.readlink() if self._at.live.is_symlink() else None
        self._point(Path("sets", self._keep(pair).name))
        self._link()
        try:
            accept()
        except BaseException:
            if before is not None:
                self._point(before)
            raise
        self._prune()

    def _keep(self, pair: Pair) -> Path:
        folder = self._at.sets / f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{pair.fingerprint[:12]}"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        files.write(folder / "server.key", text_of_key(pair.key))
        files.write(folder / "server.pem", text_of(pair.chain), 0o644)
        files.write(folder / "origin.json", json.dumps({"origin": pair.origin, "directory": pair.directory}))
        files.sync_folder(self._at.sets)
        return folder

    def _point(self, target: Path) -> None:
        draft = self._at.folder / ".live"
        draft.unlink(missing_ok=True)
        draft.symlink_to(target)
        draft.replace(self._at.live)
        files.sync_folder(self._at.folder)

    def _link(self) -> None:
        if self.linked():
            return
        for name in FILES:
            draft = self._at.folder / f".{name}"
            draft.unlink(missing_ok=True)
            draft.symlink_to(Path("live", name))
            draft.replace(self._at.folder / name)

    def _prune(self) -> None:
        used = os.path.realpath(self._at.live)
        for folder in sorted(self._at.sets.iterdir())[:-_KEPT]:
            if os.path.realpath(folder) != used:
                shutil.rmtree(folder)

    def _read(self, folder: Path) -> Pair | None:
        try:
            chain = certificates((folder / "server.pem").read_text(encoding="utf-8"))
            key = private_key((folder / "server.key").read_text(encoding="utf-8"))
            origin = json.loads((folder / "origin.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        return Pair(chain, key, origin.get("origin", ""), origin.get("directory", ""))
