import hashlib
import io
import os
import tarfile
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final, Self, cast

SPOOL: Final = "/var/tmp"  # noqa: S108 -- a nameless file; the disk, not memory
"""Where a table lies until its size is known."""


@contextmanager
def named(target: Path) -> Iterator[BinaryIO]:
    """A file that has its name only when all of it is written; readable by its owner alone.

    :raises OSError: it cannot be written; nothing is left behind then.
    """
    draft = target.with_name(f".{target.name}.draft")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)  # nobody has laid it there
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        draft.replace(target)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


class Archive:
    """A ``.tar.gz``. Contents come in pieces and are never held in memory as a whole.

    :param file: where it is written to, from its beginning to its end.
    :param folder: that everything in it lies in.
    :ivar sums: name of each file in it -> SHA-256 and size in bytes.
    """

    def __init__(self, file: BinaryIO, folder: str, mtime: int) -> None:
        self._file = file
        self._folder = folder
        self._mtime = mtime
        self.sums: dict[str, tuple[str, int]] = {}

    def __enter__(self) -> Self:
        self._tar = tarfile.open(fileobj=self._file, mode="w:gz", compresslevel=6)
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self._tar.close()

    def add_lines(self, name: str, lines: Iterable[str]) -> int:
        """A text whose length is not known before; how many lines it had."""
        count = 0
        with tempfile.TemporaryFile(dir=SPOOL) as spool:
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
