"""Where the backups are, as somebody with a kit in their hand says it."""

import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self
from urllib.parse import urlsplit

from belgenet.appliance.backup import reach
from belgenet.appliance.backup.database import STANZA
from belgenet.appliance.backup.errors import BackupError
from belgenet.appliance.backup.offsite import Copy
from belgenet.appliance.backup.restic import READ_ONLY
from belgenet.appliance.restore.errors import RestoreError
from belgenet.appliance.run import CommandError, run

KEYS: Final = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_DEFAULT_REGION")
"""Variables of the environment with the keys of an S3 store."""
_SSH: Final = ("ssh", "-o", "BatchMode=yes", "-o", "ConnectTimeout=20", "-o", "ServerAliveInterval=30")
"""With root's own key and list of known hosts; nothing is asked, as nobody is there to answer during a restoration."""


@dataclass(frozen=True)
class Source:
    """A folder with ``files`` in it, here or elsewhere. The database's part is in ``postgres`` beside it, or in a copy inside it.

    :param address: a path, ``s3:https://host/bucket/path`` or ``sftp://user@host:22/path``.
    """

    address: str

    @classmethod
    def parse(cls, given: str) -> Self:
        """:raises RestoreError: there is no such place, or it is not one."""
        if given.startswith("s3:http"):
            if not urlsplit(given.removeprefix("s3:")).path.strip("/"):
                raise RestoreError("no_repository", where=given)
            return cls(given.rstrip("/"))
        if given.startswith("sftp://"):
            return cls(given.rstrip("/"))
        folder = Path(given).absolute()
        if not (folder / "files" / "config").is_file():
            raise RestoreError("no_repository", where=folder)
        return cls(str(folder))

    @property
    def folder(self) -> Path | None:
        """None when it is not on this server."""
        return Path(self.address) if self.address.startswith("/") else None

    @property
    def files(self) -> str:
        """restic's address."""
        return f"{self.address}/files"

    @property
    def options(self) -> list[str]:
        """restic's."""
        return [*READ_ONLY, *(["--option", f"sftp.command={shlex.join(self._ssh)}"] if self._ssh else [])]

    @property
    def _ssh(self) -> list[str]:
        """What opens the line to an SFTP server; empty: it is none."""
        if not self.address.startswith("sftp://"):
            return []
        where = urlsplit(self.address)
        port = ["-p", str(where.port)] if where.port else []
        return [
            *_SSH,
            *port,
            f"{where.username}@{where.hostname}" if where.username else str(where.hostname),
            "-s",
            "sftp",
        ]

    def require_line(self) -> None:
        """The SFTP server lets us in. restic itself does not always pass on what ssh said.

        :raises BackupError: it does not, with ssh's reason.
        """
        if not self._ssh:
            return
        try:
            run(self._ssh, timeout=60, env={"HOME": "/root"})
        except CommandError as error:
            far = reach.why(self.address, error.said)
            raise far or BackupError("place_unreachable", where=self.address, said=error.said) from None

    def require_database(self, label: str, copy: Copy | None) -> None:
        """What can be seen of the database's part without pgBackRest.

        :param label: of the backup.
        :param copy: what was brought elsewhere; it holds the backup, or the backup would not have been chosen.
        :raises RestoreError: something of it is not there.
        """
        if copy is not None:
            return
        root = f"{self.address}/postgres"
        info, kept = f"{root}/archive/{STANZA}/archive.info", f"{root}/backup/{STANZA}"
        for file in (info, f"{kept}/backup.info", f"{kept}/{label}/backup.manifest"):
            if self.folder is None or not Path(file).is_file() or not Path(file).stat().st_size:
                raise RestoreError("database_part_missing", file=file)
