"""The copy of the database's part elsewhere: pgBackRest keeps one repository, on this server, and restic carries it away.

restic reads for as long as the line elsewhere needs, while pgBackRest goes on adding log, making base backups and giving up old
ones. So it reads a picture of the repository, see :mod:`belgenet.appliance.backup.picture`.

Standard library only: a restoration looks for these copies before anything is installed.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Self

from belgenet.appliance.backup.errors import BackupError
from belgenet.appliance.backup.picture import NAME, picture, size
from belgenet.appliance.backup.restic import Restic

_TRIES: Final = 5


@dataclass(frozen=True)
class Copy:
    """A copy of the database's part elsewhere.

    :param at: when it was begun, as restic says it.
    :param labels: base backups in it.
    :param size: bytes of it; 0: it does not say.
    """

    snapshot: str
    at: str
    labels: frozenset[str]
    size: int = 0

    @property
    def id(self) -> str:
        """Names it for people, as restic does."""
        return self.snapshot[:8]

    @property
    def begun(self) -> datetime:
        """In UTC."""
        return datetime.fromisoformat(self.at).astimezone(UTC)

    @classmethod
    def all(cls, restic: Restic) -> list[Self]:
        """Oldest first; none: this is no place elsewhere, or nothing was brought there yet."""
        return [
            cls(found["id"], found["time"], frozenset(_said("label", found)), int(next(_said("size", found), "0")))
            for found in restic.snapshots(NAME)
        ]

    @classmethod
    def newest(cls, restic: Restic) -> Self | None:
        """None: there is none."""
        return found[-1] if (found := cls.all(restic)) else None


def keep(
    restic: Restic,
    repository: Path,
    bases: Callable[[], Collection[str]],
    stage: Path,
    before: Callable[[], None] = lambda: None,
) -> None:
    """Bring elsewhere what is new in pgBackRest's repository.

    :param bases: labels of the base backups that pgBackRest names now. Those it names before and after the picture is taken are
        in it; others may have been given up just before, or have come just after. Without any there is nothing to restore from,
        as on a new disk: brought elsewhere it would stand before the good ones.
    :param stage: for the picture; a folder of ours in the file system of the repository, the same each time: restic reads again
        only what differs from its last snapshot of the same path.
    :param before: brings there what the log in the picture may need; called when that is taken, and nothing of it is there.
    :raises BackupError: among others, all base backups are given up all the time.
    """
    for _ in range(_TRIES):
        named = frozenset(bases())
        if not named:
            return
        with picture(repository, stage) as folder:
            if held := named.intersection(bases()):
                before()
                tags = [NAME, f"size={size(folder)}", *(f"label={label}" for label in sorted(held))]
                # Making and taking away links changes a file's ctime, and nothing in it. A disk of the network may number its
                # files anew.
                restic.backup(folder, NAME, tags, "--ignore-ctime", "--ignore-inode")
                return
    raise BackupError("offsite_unsteady", where=repository)


def _said(name: str, snapshot: Mapping[str, Any]) -> Iterator[str]:
    return (tag.removeprefix(f"{name}=") for tag in snapshot.get("tags") or () if tag.startswith(f"{name}="))
