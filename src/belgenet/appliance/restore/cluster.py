"""The database out of a backup: by pgBackRest with its log, or from the portable dump."""

import shutil
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from belgenet.appliance.backup.database import STANZA, Database
from belgenet.appliance.backup.errors import BackupError
from belgenet.appliance.backup.workspace import secret_file
from belgenet.appliance.restore.errors import RestoreError
from belgenet.appliance.run import CommandError, run

_POLL: Final = 0.5
_LONG: Final = 12 * 3600.0
_LOG_LINES: Final = 6
_LEFT_BEHIND: Final = ("restore_command", "recovery_target", "recovery_target_time", "recovery_target_timeline",
                       "recovery_target_action", "archive_mode")  # fmt: skip
"""Settings that pgBackRest leaves in the restored cluster."""


class Cluster:
    """The product's cluster of this server.

    :param folder: in memory; the owner of the cluster may enter it.
    """

    def __init__(self, major: int, folder: Path) -> None:
        self._unit = f"postgresql@{major}-belgenet"
        self._data = Path(f"/var/lib/postgresql/{major}/belgenet")
        self._log = Path(f"/var/log/postgresql/postgresql-{major}-belgenet.log")
        self._bin = Path(f"/usr/lib/postgresql/{major}/bin")
        self._config = folder / "pgbackrest.conf"
        self.database = Database(config=[f"--config={self._config}"])

    def restore(self, repository: Path, password: str, label: str, at: datetime | None) -> str:
        """Put the backup back and let the log lead on, to a moment or to its end.

        :param repository: pgBackRest's, on this server.
        :param password: opens it.
        :returns: time of the last transaction; empty: none came after the backup.
        :raises RestoreError, BackupError: the repository is damaged, or the log does not reach the backup's end.
        """
        self._write_config(repository, password)
        run(["systemctl", "stop", self._unit], timeout=_LONG)
        for entry in self._data.iterdir():
            shutil.rmtree(entry) if entry.is_dir() and not entry.is_symlink() else entry.unlink()
        words = ["--archive-mode=off", f"--set={label}"]
        if at is not None:
            words += [
                "--type=time",
                f"--target={at.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}+00",
                "--target-action=promote",
            ]
        self.database.restore(self._data, *words)
        last = self._recover()
        for setting in _LEFT_BEHIND:
            self.database.ask(f"alter system reset {setting}")
        run(["systemctl", "restart", self._unit], timeout=_LONG)
        self._config.unlink()
        return last

    def load(self, dump: Path) -> None:
        """Fill the empty database from a portable dump.

        :param dump: which PostgreSQL's user can read.
        :raises RestoreError: it is damaged or does not fit.
        """
        words = [str(self._bin / "pg_restore"), "--exit-on-error", "--single-transaction", "--clean", "--if-exists"]
        try:
            self.database.as_owner(*words, "--dbname=belgenet", str(dump))
        except CommandError as error:
            raise RestoreError("dump_failed", said=error.said) from None

    def _write_config(self, repository: Path, password: str) -> None:
        lines = [
            "[global]",
            f"repo1-path={repository}",
            "repo1-cipher-type=aes-256-cbc",
            f"repo1-cipher-pass={password}",
            "log-level-file=off",
            "log-level-console=warn",
            "process-max=2",
            f"[{STANZA}]",
            f"pg1-path={self._data}",
        ]
        self._config.unlink(missing_ok=True)
        secret_file(self._config, "\n".join(lines) + "\n")
        shutil.chown(self._config, "postgres")

    def _recover(self) -> str:
        mark = self._log.stat().st_size if self._log.exists() else 0
        try:
            with suppress(CommandError):  # never failed, and forgotten since it was stopped
                run(["systemctl", "reset-failed", self._unit])
            run(["systemctl", "start", self._unit], timeout=_LONG)
            until = time.monotonic() + _LONG
            while self._in_recovery():
                if (
                    time.monotonic() > until
                    or run(["systemctl", "show", "-P", "ActiveState", self._unit]).strip() == "failed"
                ):
                    raise RestoreError("recovery_failed", said=self._said(mark))
                time.sleep(_POLL)
            return self.database.ask("select coalesce(pg_last_xact_replay_timestamp()::text, '')")
        except CommandError:
            raise RestoreError("recovery_failed", said=self._said(mark)) from None

    def _in_recovery(self) -> bool:
        try:
            return self.database.ask("select pg_is_in_recovery()") == "t"
        except BackupError:  # it does not answer yet
            return True

    def _said(self, mark: int) -> str:
        try:
            with self._log.open("rb") as log:
                log.seek(mark)
                lines = log.read().decode(errors="replace").splitlines()
        except OSError:
            return self._unit
        told = [line for line in lines if " FATAL: " in line or " ERROR: " in line or " HINT: " in line]
        return "\n".join((told or lines)[-_LOG_LINES:])
