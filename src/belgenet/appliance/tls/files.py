"""Small files that are there whole or not at all."""

import os
import stat
import tempfile
from pathlib import Path
from typing import Final

_MOST_BYTES: Final = 1024 * 1024


def write(path: Path, text: str, mode: int = 0o600) -> None:
    """Replace a file; a crash leaves the old one or the new one."""
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=".")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fchmod(file.fileno(), mode)
        os.fsync(file.fileno())
    Path(draft).replace(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make renames in a folder survive a power cut."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def read_foreign(path: Path) -> str:
    """A file from a folder that another user writes to: no link is followed, and it has an end.

    :raises OSError: missing, a link, or no ordinary file.
    """
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(handle, "rb") as file:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise OSError(f"{path} is no ordinary file")
        return file.read(_MOST_BYTES).decode("utf-8", "replace")
