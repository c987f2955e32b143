"""pgBackRest's repository as it is at one moment, while pgBackRest goes on with it.

Taken with hard links: in a moment, and without taking room. pgBackRest never changes a file that counts: it writes
``*.pgbackrest.tmp`` and renames, and makes ``backup.info`` anew in the same way. Its order is data, ``backup.manifest``,
``backup.info``, and when it gives something up ``backup.info`` before the data. The picture is taken in the opposite order:

1. files of a folder before its folders, so ``backup.info`` and each ``backup.manifest`` before what they name: it is there already;
2. base backups before the log: the log a base backup needs is archived before ``backup.info`` names it;
3. the log's newest folder first: whatever comes meanwhile leaves no gap before it;
4. if ``backup.info`` or ``archive.info`` was made anew meanwhile, something may have been given up: once more from the beginning.

A picture therefore holds every base backup that its ``backup.info`` names, and the log from each of them on without a gap. None of
this asks how long it takes. So where the file system knows no hard links the files are copied in the same order, which takes room
once more; such a picture stays, and the next one copies only what is new.

Standard library only, as :mod:`belgenet.appliance.backup.offsite`.
"""

import errno
import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from belgenet.appliance.backup.database import STANZA
from belgenet.appliance.backup.errors import BackupError

NAME: Final = "postgres"
"""The tag of restic's snapshots, and the folder in them. Only elsewhere there are such."""
_HALF: Final = ".pgbackrest.tmp"
_INFO: Final = (f"backup/{STANZA}/backup.info", f"archive/{STANZA}/archive.info")
_REWRITTEN: Final = (".info", ".info.copy")
"""How files end that are made anew under their name; every other one stays what it is."""
_TRIES: Final = 10
_PAUSE: Final = 3.0
_SPARE: Final = 1.2
_UNABLE: Final = {errno.EPERM, errno.EOPNOTSUPP, errno.EXDEV, errno.EMLINK, errno.ENOSYS}


@contextmanager
def picture(repository: Path, stage: Path) -> Iterator[Path]:
    """A folder with the repository as it is at this moment in it, under :data:`NAME`.

    :param stage: that folder; ours, beside the repository. One of links is gone afterwards.
    :raises BackupError: there is no room for one without links, or the repository changes all the time.
    """
    linked = _links(repository, stage)
    if not linked:
        _require_room(repository, stage)
    try:
        for _ in range(_TRIES):
            if linked:
                shutil.rmtree(stage, ignore_errors=True)
            stage.mkdir(mode=0o700, parents=True, exist_ok=True)
            if _taken(repository, stage / NAME, _link if linked else _copy):
                yield stage
                return
            time.sleep(_PAUSE)
        raise BackupError("offsite_unsteady", where=repository)
    finally:
        if linked:
            shutil.rmtree(stage, ignore_errors=True)


def size(folder: Path) -> int:
    """Bytes of all files in it."""
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            with suppress(FileNotFoundError):
                total += (Path(place) / name).lstat().st_size
    return total


def _links(repository: Path, stage: Path) -> bool:
    """Whether hard links can be made from one to the other."""
    stage.mkdir(mode=0o700, parents=True, exist_ok=True)
    probe = stage / "link"
    try:
        probe.unlink(missing_ok=True)
        os.link(repository / _INFO[0], probe)
        probe.unlink()
    except FileNotFoundError:  # just renewed; there are
        return True
    except OSError as error:
        if error.errno in _UNABLE:
            return False
        raise BackupError("files_failed", where=repository, said=error) from None
    return True


def _require_room(repository: Path, stage: Path) -> None:
    """The log goes on into the same disk: a copy must not fill it."""
    needed = (size(repository) - size(stage)) * _SPARE
    free = shutil.disk_usage(stage).free
    if needed > free:
        figures = {"needed": int(needed / 1024**2), "free": int(free / 1024**2)}
        raise BackupError("offsite_no_room", where=repository, **figures)


def _taken(repository: Path, target: Path, bring: Callable[[Path, Path], None]) -> bool:
    """Whether nothing was given up meanwhile."""
    try:
        before = _infos(repository)
        target.mkdir(mode=0o700, exist_ok=True)
        for part in ("backup", "archive"):
            _bring(repository / part, target / part, bring)
        return _infos(repository) == before
    except FileNotFoundError:
        return False
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise BackupError("disk_full", where=repository) from None
        raise BackupError("files_failed", where=repository, said=error) from None


def _infos(repository: Path) -> list[tuple[int, int, int]]:
    found = [(repository / info).lstat() for info in _INFO]
    return [(info.st_ino, info.st_mtime_ns, info.st_size) for info in found]


def _bring(source: Path, target: Path, bring: Callable[[Path, Path], None]) -> None:
    target.mkdir(mode=0o700, exist_ok=True)
    here = set()
    with os.scandir(source) as entries:
        for entry in entries:
            if not entry.is_dir(follow_symlinks=False) and not entry.name.endswith(_HALF):
                with suppress(FileNotFoundError):  # given up: either nothing names it, or backup.info was made anew
                    bring(Path(entry.path), target / entry.name)
                    here.add(entry.name)
    with os.scandir(source) as entries:  # looked for again: what the files name has come by now
        folders = sorted((entry.name for entry in entries if entry.is_dir(follow_symlinks=False)), reverse=True)
    for name in folders:
        with suppress(FileNotFoundError):
            _bring(source / name, target / name, bring)
            here.add(name)
    for left in (entry for entry in target.iterdir() if entry.name not in here):  # of the picture before this one
        shutil.rmtree(left) if left.is_dir() and not left.is_symlink() else left.unlink()


def _link(source: Path, target: Path) -> None:
    if source.is_symlink():  # which nobody but their owner may make hard links to
        target.symlink_to(source.readlink())
    else:
        os.link(source, target, follow_symlinks=False)


def _copy(source: Path, target: Path) -> None:
    """What is there already, as one that never changes, stays."""
    told = source.lstat()
    if not source.name.endswith(_REWRITTEN):
        with suppress(FileNotFoundError):
            known = target.lstat()
            if (known.st_size, known.st_mtime_ns) == (told.st_size, told.st_mtime_ns):
                return
    draft = target.with_name(f"{target.name}{_HALF}")
    draft.unlink(missing_ok=True)
    shutil.copy2(source, draft, follow_symlinks=False)
    draft.replace(target)
