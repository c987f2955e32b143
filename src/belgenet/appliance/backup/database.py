"""pgBackRest: the database's base backups and its log, for any point in time."""

import json
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from belgenet.appliance.backup.errors import BackupError
from belgenet.appliance.run import CommandError, in_own_unit, run
from belgenet.appliance.sql import TRUSTED

STANZA: Final = "belgenet"
UNIT: Final = "BELGENET_UNIT"
"""Environment variable: the unit of systemd's that this command is the work of."""
WRITES: Final = "BELGENET_WRITES"
"""Environment variable of that unit: folders that PostgreSQL's programs write to."""
ROLE: Final = "belgenet_backup"
"""As whom the reader connects: it sees every row and writes none."""
SERVICE: Final = "postgres"
"""The database where nothing of the product's is, and where that role may do what backups ask of the server."""
_BROKEN: Final = re.compile(r"status: (?:error|invalid)|(?:missing|invalid): [1-9]")
_LONG: Final = 6 * 3600.0
_CRYPTO: Final = 95
_FORMAT: Final = 29
_CHECKSUM: Final = 26
_READ: Final = 42
_MISSING: Final = 55
_ARCHIVE: Final = 82
_OTHER: Final = 99
"""Of a repository's status: the message says it."""
_DAMAGE: Final = {_CRYPTO, _FORMAT, _CHECKSUM, _READ, _MISSING}
"""How files that were cut off, altered or lost end a restoration."""


@dataclass(frozen=True)
class BaseBackup:
    """:param size: bytes of the database."""

    label: str
    kind: str
    ended: datetime
    size: int


class Database:
    """The cluster and its backups.

    :param connection: words for psql: where the cluster's socket is.
    :param config: words for pgBackRest; its own files by default.
    :param user: who owns the cluster; empty: whoever asks.
    :param reader: the user that asks and dumps, as :data:`ROLE`; empty: the owner does, as the superuser.
    """

    def __init__(
        self,
        connection: Sequence[str] = (),
        config: Sequence[str] = (),
        *,
        user: str = "postgres",
        reader: str = "",
        name: str = "belgenet",
    ) -> None:
        self._connection = list(connection)
        self._pgbackrest = ["pgbackrest", *config, f"--stanza={STANZA}"]
        self._user = user
        self._reader = reader or user
        self._role = ["-U", ROLE] if reader else []
        self._name = name

    def info(self) -> list[BaseBackup]:
        """Base backups that can be restored, oldest first."""
        told = self._told()
        found = [_base_backup(entry) for entry in told.get("backup", []) if not entry.get("error")]
        return sorted(found, key=lambda backup: backup.ended)

    def prepare(self, *, check: bool) -> bool:
        """Make the stanza where it is missing; whether it was."""
        missing = any(repository["status"]["code"] == 1 for repository in self._told()["repo"])
        if missing and not check:
            self.pgbackrest("stanza-create")
        return missing

    def backup(self, kind: str) -> BaseBackup:
        """:param kind: ``full`` or ``incr``; the first one is full whatever is asked for."""
        self.pgbackrest(f"--type={kind}", "backup")
        return self.info()[-1]

    def check(self) -> None:
        """Whether the log arrives in the archive now."""
        self.pgbackrest("check", timeout=300)

    def verify(self) -> list[str]:
        """Reads all of it; what is damaged."""
        try:
            said = self.as_owner(*self._pgbackrest, "--output=text", "verify")
        except CommandError as error:  # newer ones also end with an exit code
            if not _BROKEN.search(error.said):
                raise _translated(error) from None
            said = error.said
        return [said.strip()] if _BROKEN.search(said) else []

    def restore(self, target: Path, *words: str, low: Sequence[str] = ()) -> None:
        """Restore into an empty folder of the cluster's owner.

        :param low: words that run it with a low priority.
        :raises BackupError: it is damaged, cannot be reached, or is another key's.
        """
        self.info()  # another key does not even open this: after it, what cannot be deciphered is damaged
        try:
            self.as_owner(*low, *self._pgbackrest, f"--pg1-path={target}", *words, "restore")
        except CommandError as error:
            if error.code in _DAMAGE:
                raise BackupError("database_damaged", said=error.said) from None
            raise _translated(error) from None

    def elsewhere(self, *connection: str) -> "Database":
        """The same database in another cluster of the same owner, who asks it: what was restored may be older than the role."""
        return Database(connection, user=self._user, name=self._name)

    def restore_point(self, name: str) -> None:
        """Name this moment, and see to it that the log up to it is in the archive."""
        self._ask(SERVICE, "select pg_create_restore_point(:'point')", point=name)
        self.check()

    def ask(self, script: str, **params: str) -> str:
        """What the reader is answered in the product's database; the script names the schemas of what it speaks of.

        A function that somebody has put where others are looked for would run with the rights of who asks.
        """
        return self._ask(self._name, script, **params)

    def _ask(self, name: str, script: str, **params: str) -> str:
        words = ["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1"]
        words += [word for key, value in params.items() for word in ("-v", f"{key}={value}")]
        try:
            return run(self._words(name, "psql", *words), input=f"{TRUSTED}\n{script}", timeout=_LONG, cwd="/").strip()
        except CommandError as error:
            raise BackupError("database_unreachable", said=error.said) from None

    def pgbackrest(self, *words: str, timeout: float = _LONG) -> str:
        """:raises BackupError: it failed, in words an administrator can act on."""
        try:
            return self.as_owner(*self._pgbackrest, *words, timeout=timeout)
        except CommandError as error:
            raise _translated(error) from None

    def words(self, program: str, *words: str) -> list[str]:
        """The words that run a program of PostgreSQL's on this database as its reader."""
        return self._words(self._name, program, *words)

    def _words(self, name: str, program: str, *words: str) -> list[str]:
        return _become(self._reader, [program, *words, *self._connection, *self._role, "-d", name])

    def as_owner(self, *words: str, given: str = "", timeout: float = _LONG) -> str:
        """Run something as the cluster's owner. :raises CommandError: it failed."""
        return run(_become(self._user, words, seconds=timeout), input=given, timeout=timeout, cwd="/")

    def serve(self, *words: str) -> None:
        """Run something as the cluster's owner that leaves a server behind. :raises CommandError: it failed."""
        run(_become(self._user, words, serves=True), timeout=_LONG, cwd="/")

    def _told(self) -> dict[str, Any]:
        told: dict[str, Any] = json.loads(self.pgbackrest("--output=json", "info", timeout=300), strict=False)[0]
        here = told["repo"][0]["status"]
        if here["code"] == _OTHER:
            raise _unreadable(str(here["message"]))
        return told


def _become(user: str, words: Sequence[str], *, seconds: float = _LONG, serves: bool = False) -> list[str]:
    """Words that run something as ``user``: in a unit that ends with ours, if we are one, which may not become anybody.

    :param seconds: then it ends, whatever has become of us; a server ends with us alone.
    """
    if not user:
        return list(words)
    if unit := os.environ.get(UNIT):
        ends = "TimeoutStartSec=65min" if serves else f"RuntimeMaxSec={seconds:.0f}"
        bounds = (
            f"BindsTo={unit}",
            f"ReadWritePaths={os.environ.get(WRITES, '')}",
            "RestrictAddressFamilies=AF_UNIX",
            ends,
        )
        limits = ("Nice=15", "IOSchedulingClass=idle", "MemoryMax=2G", "TasksMax=512")
        return in_own_unit(user, words, *bounds, *limits, serves=serves)
    return ["setpriv", f"--reuid={user}", f"--regid={user}", "--init-groups", *words]


def _base_backup(entry: dict[str, Any]) -> BaseBackup:
    ended = datetime.fromtimestamp(entry["timestamp"]["stop"], UTC)
    return BaseBackup(entry["label"], entry["type"], ended, entry["info"]["size"])


def _translated(error: CommandError) -> BackupError:
    if error.code in (_CRYPTO, _FORMAT):
        return _unreadable(error.said)
    if error.code == _CHECKSUM:
        return BackupError("database_damaged", said=error.said)
    if error.code == _ARCHIVE:
        return BackupError("archive_stands_still", said=error.said)
    if "No space left" in error.said:
        return BackupError("disk_full", where="pgBackRest")
    return BackupError("database_failed", said=error.said)


def _unreadable(said: str) -> BackupError:
    wrong = "key/value found outside of section" in said or "CryptoError" in said or "bad decrypt" in said
    printable = "".join(letter if letter.isprintable() else "?" for letter in said.splitlines()[0])[:300]
    return BackupError("database_wrong_key" if wrong else "database_unreadable", said=printable)
