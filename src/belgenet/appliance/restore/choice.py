"""Which backup is restored, and out of which copy its database comes. Standard library only."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Self

from belgenet.appliance.backup import portable
from belgenet.appliance.backup.offsite import Copy
from belgenet.appliance.backup.records import Backup
from belgenet.appliance.backup.restic import Restic
from belgenet.appliance.restore import journal
from belgenet.appliance.restore.errors import RestoreError
from belgenet.appliance.words import Words

_ID: Final = re.compile(r"[0-9a-f]{4,64}")


@dataclass(frozen=True)
class Wanted:
    """What somebody asked for.

    :param at: restore the database to this moment; None: all there is.
    :param copy: of the database's part elsewhere, as :attr:`Copy.id` or longer; empty: the newest that holds the backup.
    :param dump: from the portable dump instead of pgBackRest's repository.
    :param accept_missing: go on without objects that are not in the repository any more.
    """

    address: str
    at: datetime | None = None
    copy: str = ""
    dump: bool = False
    accept_missing: bool = False


@dataclass(frozen=True)
class Dump:
    """A portable dump of the database. :param at: when it was begun, as restic says it."""

    snapshot: str
    at: str

    @property
    def begun(self) -> datetime:
        """In UTC."""
        return datetime.fromisoformat(self.at).astimezone(UTC)

    @classmethod
    def all(cls, restic: Restic) -> list[Self]:
        """Oldest first."""
        return [cls(found["id"], found["time"]) for found in restic.snapshots(portable.DUMP)]


@dataclass(frozen=True)
class Chosen:
    """:param copy: None: the database's part lies beside the files, or comes from the dump.
    :param dump: only when it was asked for.
    """

    backup: Backup
    copy: Copy | None
    dump: Dump | None = None


def choose(restic: Restic, where: str, wanted: Wanted) -> Chosen:
    """The newest backup, or the newest that had begun at a moment: the log leads on from there.

    Elsewhere a backup counts only with a copy of its database, and a copy that was asked for brings the backup that belongs to it:
    database, objects and settings are of one moment. A restoration that was cut off here goes on with what it had chosen.

    :raises RestoreError: there is none.
    """
    if wanted.at is not None and wanted.at > (now := _now()):
        raise RestoreError("at_in_future", at=second(wanted.at), now=second(now))
    copies = [] if wanted.dump else Copy.all(restic)
    if wanted.copy:
        copies = [_named(copies, wanted.copy, where)]
        journal.require_copy(copies[0].snapshot)
    begun, its_copy = journal.under_way(), journal.copy_under_way()
    everything = Backup.all(restic)
    labels = {label for copy in copies for label in copy.labels} if copies else None
    fitting = [
        backup
        for backup in everything
        if (wanted.at is None or backup.at <= wanted.at) and (labels is None or backup.label in labels)
    ]
    if not fitting:
        raise RestoreError("no_backup", where=where, count=len(everything))
    backup = max(fitting, key=lambda found: (found.id == begun, found.id))
    holding = [copy for copy in copies if backup.label in copy.labels]
    newest_last = sorted(holding, key=lambda copy: copy.snapshot == its_copy)  # stable
    copy = newest_last[-1] if newest_last else None
    if copy and wanted.at is not None and wanted.at > copy.begun:
        raise RestoreError("at_after_copy", at=second(wanted.at), id=copy.id, begun=second(copy.begun))
    return Chosen(backup, copy, _dump(restic, where, wanted.at) if wanted.dump else None)


def _dump(restic: Restic, where: str, at: datetime | None) -> Dump:
    """The newest, or the newest that had begun at a moment. :raises RestoreError: there is none."""
    everything = Dump.all(restic)
    fitting = [dump for dump in everything if at is None or dump.begun <= at]
    if not fitting:
        raise RestoreError("no_dump", where=where, count=len(everything))
    return fitting[-1]


def _now() -> datetime:
    return datetime.now(UTC)


def second(at: datetime) -> str:
    """In UTC, for people."""
    return at.astimezone(UTC).isoformat(timespec="seconds")


def table(restic: Restic, where: str, say: Words) -> str:
    """What there is to choose from, for people."""
    found, copies = Backup.all(restic), Copy.all(restic)
    lines = [say("list_backups", where=where)]
    lines += [f"  {backup.id}  {backup.at:%Y-%m-%d %H:%M} UTC  {backup.release}" for backup in found]
    if copies:
        lines.append(say("list_copies"))
        lines += [f"  {row}" for row in rows(copies, found)]
    if dumps := Dump.all(restic):
        lines.append(say("list_dumps"))
        lines += [f"  {dump.begun:%Y-%m-%d %H:%M} UTC" for dump in dumps]
    return "\n".join(lines)


def rows(copies: Sequence[Copy], found: Sequence[Backup]) -> list[str]:
    """Each copy on a line: id, time, size, and the newest backup that it holds the database of."""
    lines = []
    for copy in copies:
        newest = max((backup.id for backup in found if backup.label in copy.labels), default="-")
        size = f"{copy.size / 1024**2:,.0f} MiB" if copy.size else "-"
        lines.append(f"{copy.id}  {copy.begun:%Y-%m-%d %H:%M} UTC  {size:>12}  {newest}")
    return lines


def _named(copies: Sequence[Copy], name: str, where: str) -> Copy:
    fitting = [copy for copy in copies if _ID.fullmatch(name) and copy.snapshot.startswith(name)]
    if len(fitting) != 1:
        raise RestoreError("no_copy", copy=name, where=where, count=len(copies))
    return fitting[0]
