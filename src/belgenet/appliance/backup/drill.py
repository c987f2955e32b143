"""Restores the newest backup into a scratch place of this server and looks whether all is there: no other proof counts."""

import random
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from belgenet.appliance import recovery_key
from belgenet.appliance.backup import contents, objects, state
from belgenet.appliance.backup.database import Database
from belgenet.appliance.backup.errors import BackupError
from belgenet.appliance.backup.plan import STATE, Plan
from belgenet.appliance.backup.verify import SAMPLE, Settings, differences, newest, take_out
from belgenet.appliance.backup.workspace import workspace
from belgenet.appliance.rotation.kinds import MASTER
from belgenet.appliance.run import CommandError
from belgenet.appliance.secrets import accepted
from belgenet.core.security.keyring import Keyring
from belgenet.core.signing.secretbox import SealBrokenError, SecretBox

SCRATCH: Final = Path("/var/lib/postgresql")
"""Where the database's superuser may write, and usually where the room is."""
PORT: Final = 6543
SPARE: Final = 1.2
LOW: Final = ("nice", "-n", "19", "ionice", "-c", "3")
_PREFIX: Final = "drill-"
_END: Final = """
read -r place
for process in /proc/[0-9]*; do
  if grep -qasF -e "$place/" "$process/cmdline"; then kill -QUIT "${process#/proc/}" && echo "$process"; fi
done
true
"""
"""Ends what works in a place, and says what that was: the server of a copy, a restoration. A number that stands in a file of the
copy would be another process's after the machine was started anew, and of the same user's perhaps: the institution's database."""
_TRIES: Final = 60
_PAUSE: Final = 0.5


@dataclass(frozen=True)
class Outcome:
    """A drill that went well.

    :param rows: of all tables compared. :param secrets: sealed in the database and opened with the restored keys.
    """

    backup: str
    label: str
    schema: str
    tables: int
    rows: int
    objects: int
    secrets: int
    seconds: float


class Drill:
    """One drill. The institution's own database and objects are not touched.

    :param scratch: a folder of the cluster's owner.
    """

    def __init__(
        self,
        plan: Plan,
        secrets: Mapping[str, str],
        database: Database,
        *,
        scratch: Path = SCRATCH,
        folder: Path = STATE,
    ) -> None:
        self._plan = plan
        self._secrets = secrets
        self._database = database
        self._scratch = scratch
        self._folder = folder

    def run(self) -> Outcome:
        """:raises BackupError: what would have been missing on the day it counts."""
        begin = time.monotonic()
        try:
            outcome = self._run(begin)
        except BackupError as error:
            state.failed("drill", error.code, str(error), self._folder)
            raise
        figures = {"backup": outcome.backup, "rows": outcome.rows, "objects": outcome.objects}
        state.succeeded("drill", outcome.seconds, self._folder, **figures)
        return outcome

    def _run(self, begin: float) -> Outcome:
        with workspace(self._plan, self._secrets, state=self._folder) as work:
            settings = take_out(work.here, newest(work.here), work.folder / "drill")
            for difference in differences(settings, self._secrets[recovery_key.NAME]):
                raise difference
            with self._restored(settings) as copy:
                rows = _compare(copy, settings)
                # A backup made while they are rotated has two, and the database may be sealed under either.
                opened = _open_secrets(copy, " ".join(accepted(settings.secrets, MASTER)))
            kept = list(settings.index.kept.values())
            some = random.SystemRandom().sample(kept, min(SAMPLE, len(kept)))
            right = objects.sample(work.here, some, work.folder / "objects")
        told = settings.manifest
        seconds = round(time.monotonic() - begin, 1)
        return Outcome(told.id, told.label, told.schema, len(told.least), rows, right, opened, seconds)

    @contextmanager
    def _restored(self, settings: Settings) -> Iterator[Database]:
        """The database of the backup, on a socket of its own. It ends where the backup was complete."""
        sweep(self._database, self._scratch)
        self._room(int(settings.manifest.extra.get("database_bytes", 0)))
        place = Path(self._owner("mktemp", "-d", "-p", str(self._scratch), f"{_PREFIX}{'X' * 6}").strip())
        control = [
            f"/usr/lib/postgresql/{self._plan.major}/bin/pg_ctl",
            "-s",
            "-w",
            "-t",
            "3600",
            "-D",
            f"{place}/data",
        ]
        try:
            self._owner("mkdir", "-m", "700", f"{place}/data")
            words = [f"--set={settings.manifest.label}", "--type=immediate", "--target-action=promote"]
            self._database.restore(place / "data", *words, "--archive-mode=off", low=LOW)
            self._configure(place)
            try:
                self._database.serve(*LOW, *control, "-l", f"{place}/log", "start")
            except CommandError as error:
                raise BackupError("drill_no_start", said=self._said(place) or error.said) from None
            yield self._database.elsewhere("-h", str(place), "-p", str(PORT))
        finally:
            with suppress(CommandError):
                self._owner(*control, "-m", "immediate", "stop")
            shutil.rmtree(place, ignore_errors=True)

    def _configure(self, place: Path) -> None:
        """Debian keeps settings outside of the data; a copy that recovers wants as many connections as the original had."""
        limits = [f"{name} = {self._database.ask(f'show {name}')}" for name in _LIMITS]
        lines = ["listen_addresses = ''", f"unix_socket_directories = '{place}'", f"port = {PORT}", *limits]
        lines += ["shared_buffers = 64MB", "archive_mode = off", "fsync = off"]
        for name, text in (
            ("postgresql.conf", "\n".join(lines)),
            ("pg_hba.conf", "local all all peer"),
            ("pg_ident.conf", ""),
        ):
            self._owner("tee", f"{place}/data/{name}", given=f"{text}\n")

    def _room(self, needed: int) -> None:
        free = shutil.disk_usage(self._scratch).free
        if free < needed * SPARE:
            raise BackupError(
                "drill_no_room", where=self._scratch, needed=_megabytes(needed * SPARE), free=_megabytes(free)
            )

    def _said(self, place: Path) -> str:
        with suppress(OSError):
            return "\n".join((place / "log").read_text(encoding="utf-8", errors="replace").splitlines()[-3:])
        return ""

    def _owner(self, *words: str, given: str = "") -> str:
        return self._database.as_owner(*words, given=given)


def sweep(database: Database, scratch: Path = SCRATCH) -> None:
    """Take away the copies of drills that were killed, which are as large as the database, and end what still works in them.

    The caller sees to it that no other drill is at work.
    """
    for place in scratch.glob(f"{_PREFIX}{'?' * 6}"):
        if place.is_symlink() or not place.is_dir():
            continue
        for _ in range(_TRIES):
            if not database.as_owner("sh", "-c", _END, given=f"{place}\n").strip():
                break
            time.sleep(_PAUSE)
        shutil.rmtree(place, ignore_errors=True)


_LIMITS: Final = (
    "max_connections", "max_worker_processes", "max_wal_senders", "max_prepared_transactions", "max_locks_per_transaction"
)  # fmt: skip


def _compare(copy: Database, settings: Settings) -> int:
    """Rows that were compared. :raises BackupError: the copy is not what the manifest says."""
    told = settings.manifest
    if (schema := contents.schema(copy)) != told.schema:
        raise BackupError("drill_schema", found=schema, told=told.schema)
    found = contents.counts(copy)
    if wrong := contents.out_of_range(found, told.least, told.most):
        raise BackupError("drill_rows", tables="; ".join(wrong))
    if broken := contents.broken_keys(copy):
        raise BackupError("drill_keys", names=", ".join(broken))
    return sum(found.values())


def _open_secrets(copy: Database, masters: str) -> int:
    """Open the certificates' signing keys with the restored master keys; how many there were.

    :raises BackupError: one does not open: certificates could be verified after a restore, and no longer made.
    """
    box = SecretBox(Keyring.of_masters(masters))
    rows = copy.ask("select tenant_id, kid, secret from public.signing_keys where secret is not null").splitlines()
    for tenant, kid, sealed in (row.split("|") for row in rows):
        try:
            box.open(sealed, f"{tenant}/{kid}")
        except SealBrokenError as error:
            raise BackupError("drill_canary", reason=error) from None
    return len(rows)


def _megabytes(size: float) -> int:
    return int(size / 1024**2)
