import hashlib
import io
import os
import tarfile
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO, Self, cast


class Archive:
    """A ``.tar.gz`` that has its name only when it is whole; readable by its owner alone.

    Contents come in pieces and are never held in memory as a whole.

    :ivar sums: name of each file in it -> SHA-256 and size in bytes.
    """

    def __init__(self, target: Path, mtime: int) -> None:
        self._target = target
        self._draft = target.with_name(f".{target.name}.draft")
        self._folder = target.name.removesuffix(".tar.gz")
        self._mtime = mtime
        self.sums: dict[str, tuple[str, int]] = {}

    def __enter__(self) -> Self:
        handle = os.open(self._draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        self._file = os.fdopen(handle, "wb")
        self._tar = tarfile.open(fileobj=self._file, mode="w:gz", compresslevel=6)
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None:
            self._file.close()
            self._draft.unlink(missing_ok=True)
            return
        self._tar.close()
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        self._draft.replace(self._target)

    def add_lines(self, name: str, lines: Iterable[str]) -> int:
        """A text whose length is not known before; how many lines it had."""
        count = 0
        with tempfile.TemporaryFile(dir=self._target.parent) as spool:
            for line in lines:
                spool.write(line.encode() + b"\n")
                count += 1
            size = spool.tell()
            spool.seek(0)
            self._add(name, spool, size)
        return count

    def add_pieces(self, name: str, size: int, pieces: Iterable[bytes]) -> str:
        """Content of known length; its SHA-256. :raises OSError: there was less of it."""
        return self._add(name, cast("BinaryIO", _Pieces(pieces)), size)

    def _add(self, name: str, content: BinaryIO, size: int) -> str:
        entry = tarfile.TarInfo(f"{self._folder}/{name}")
        entry.size, entry.mtime, entry.mode = size, self._mtime, 0o600
        hashed = _Hashed(content)
        self._tar.addfile(entry, cast("BinaryIO", hashed))
        self.sums[name] = (hashed.digest.hexdigest(), size)
        return self.sums[name][0]


class _Pieces(io.RawIOBase):
    """Pieces, read as a file."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = iter(pieces)
        self._left = b""

    def read(self, size: int = -1) -> bytes:
        """Exactly ``size`` bytes, fewer at the end."""
        while len(self._left) < size and (piece := next(self._pieces, b"")):
            self._left += piece
        given, self._left = self._left[:size], self._left[size:]
        return given


class _Hashed:
    """Counts what is read from it into a digest."""

    def __init__(self, content: BinaryIO) -> None:
        self._content = content
        self.digest = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        """As a file."""
        block = self._content.read(size)
        self.digest.update(block)
        return block
