"""The copy of the database's part elsewhere: pgBackRest keeps one repository, on this server, and restic carries it away.

restic reads for as long as the line elsewhere needs, while pgBackRest goes on adding log, making base backups and giving up old
ones. So it reads a picture of the repository: hard links, taken in a moment. pgBackRest never changes a file that counts: it writes
``*.pgbackrest.tmp`` and renames, and makes ``backup.info`` anew in the same way. Its order is data, ``backup.manifest``,
``backup.info``, and when it gives something up ``backup.info`` before the data. The picture is taken in the opposite order:

1. files of a folder before its folders, so ``backup.info`` and each ``backup.manifest`` before what they name: it is there already;
2. base backups before the log: the log a base backup needs is archived before ``backup.info`` names it;
3. the log's newest folder first: whatever comes meanwhile leaves no gap before it;
4. if ``backup.info`` or ``archive.info`` was made anew meanwhile, something may have been given up: once more from the beginning.

A picture therefore holds every base backup that its ``backup.info`` names, and the log from each of them on without a gap.

Standard library only: a restoration looks for these copies before anything is installed.
"""

import errno
import os
import shutil
import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

from belgenet.appliance.backup.database import STANZA
from belgenet.appliance.backup.errors import BackupError
from belgenet.appliance.backup.restic import Restic

NAME: Final = "postgres"
"""The tag of restic's snapshots, and the folder in them. Only elsewhere there are such."""
_HALF: Final = ".pgbackrest.tmp"
_INFO: Final = (f"backup/{STANZA}/backup.info", f"archive/{STANZA}/archive.info")
_TRIES: Final = 10
_PAUSE: Final = 3.0
_UNABLE: Final = {errno.EPERM, errno.EOPNOTSUPP, errno.EXDEV, errno.ENOSYS}


@dataclass(frozen=True)
class Copy:
    """A copy of the database's part elsewhere.

    :param labels: base backups in it.
    """

    snapshot: str
    at: str
    labels: frozenset[str]

    @classmethod
    def newest(cls, restic: Restic) -> Self | None:
        """None: there is none, so this is no place elsewhere, or nothing was brought there yet."""
        if not (found := restic.snapshots(NAME)):
            return None
        return cls(found[-1]["id"], found[-1]["time"], frozenset(_labels(found[-1])))


def keep(restic: Restic, repository: Path, labels: Collection[str], stage: Path) -> None:
    """Bring elsewhere what is new in pgBackRest's repository.

    :param labels: base backups that are complete, as pgBackRest said before this began. Without any there is nothing to restore
        from, as on a new disk: brought elsewhere it would stand before the good ones.
    :param stage: for the picture; a folder of ours in the file system of the repository, the same each time: restic reads again
        only what differs from its last snapshot of the same path.
    """
    if not labels:
        return
    with picture(repository, stage) as folder:
        tags = [NAME, *(f"label={label}" for label in sorted(labels))]
        # Making and taking away links changes a file's ctime, and nothing in it.
        restic.backup(folder, NAME, tags, "--ignore-ctime")


@contextmanager
def picture(repository: Path, stage: Path) -> Iterator[Path]:
    """A folder with the repository as it is at this moment in it, under :data:`NAME`; gone afterwards.

    :raises BackupError: hard links cannot be made there, or the repository changes all the time.
    """
    try:
        for _ in range(_TRIES):
            shutil.rmtree(stage, ignore_errors=True)
            stage.mkdir(mode=0o700, parents=True)
            if _taken(repository, stage / NAME):
                yield stage
                return
            time.sleep(_PAUSE)
        raise BackupError("offsite_unsteady", where=repository)
    finally:
        shutil.rmtree(stage, ignore_errors=True)


def _taken(repository: Path, target: Path) -> bool:
    """Whether nothing was given up meanwhile."""
    try:
        target.mkdir(mode=0o700)
        for part in ("backup", "archive"):
            _link(repository / part, target / part)
        # An old file's number is not given to a new one: the picture still has the old file.
        return all((repository / info).lstat().st_ino == (target / info).lstat().st_ino for info in _INFO)
    except FileNotFoundError:
        return False
    except OSError as error:
        code = "offsite_no_links" if error.errno in _UNABLE else "files_failed"
        raise BackupError(code, where=repository, said=error) from None


def _link(source: Path, target: Path) -> None:
    target.mkdir(mode=0o700)
    with os.scandir(source) as entries:
        for entry in entries:
            if not entry.is_dir(follow_symlinks=False) and not entry.name.endswith(_HALF):
                with suppress(FileNotFoundError):  # given up: either nothing names it, or backup.info was made anew
                    os.link(entry.path, target / entry.name, follow_symlinks=False)
    with os.scandir(source) as entries:  # looked for again: what the files name has come by now
        folders = sorted((entry.name for entry in entries if entry.is_dir(follow_symlinks=False)), reverse=True)
    for name in folders:
        with suppress(FileNotFoundError):
            _link(source / name, target / name)


def _labels(snapshot: Mapping[str, Any]) -> Iterator[str]:
    return (tag.removeprefix("label=") for tag in snapshot.get("tags") or () if tag.startswith("label="))
