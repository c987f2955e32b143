"""Where the backups are, as somebody with a kit in their hand says it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self
from urllib.parse import urlsplit

from belgenet.appliance.backup.database import STANZA
from belgenet.appliance.restore.errors import RestoreError

KEYS: Final = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_DEFAULT_REGION")
"""Variables of the environment with the keys of an S3 store."""


@dataclass(frozen=True)
class Source:
    """A folder with ``files`` and ``postgres`` in it, here or elsewhere.

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

    def require_database(self, label: str) -> None:
        """What can be seen of the database's part without pgBackRest.

        :param label: of the backup; a repository elsewhere has others.
        :raises RestoreError: something of it is not there.
        """
        if self.folder is None:
            return
        root = self.folder / "postgres"
        kept = root / "backup" / STANZA
        labels = [label] if (kept / label).is_dir() else [place.name for place in kept.glob("*-*F*") if place.is_dir()]
        needed = [root / "archive" / STANZA / "archive.info", kept / "backup.info"]
        needed += [kept / name / "backup.manifest" for name in labels or [label]]
        for file in needed:
            if not file.is_file() or not file.stat().st_size:
                raise RestoreError("database_part_missing", file=file)

    @property
    def copied(self) -> bool:
        """Whether its database's part is brought to this server first."""
        return not self.address.startswith("s3:")

    def pgbackrest(self, password: str, keys: dict[str, str]) -> dict[str, str]:
        """Options of pgBackRest for the part in a folder of this server or in an S3 store.

        :param password: of the repository.
        :param keys: see :data:`KEYS`.
        """
        options = {"repo1-cipher-type": "aes-256-cbc", "repo1-cipher-pass": password}
        if self.folder is not None:
            return {**options, "repo1-type": "posix", "repo1-path": f"{self.folder}/postgres"}
        return {**options, **self._s3(keys)}

    def _s3(self, keys: dict[str, str]) -> dict[str, str]:
        url = urlsplit(self.address.removeprefix("s3:"))
        bucket, _, path = url.path.lstrip("/").partition("/")
        return {
            "repo1-type": "s3",
            "repo1-s3-endpoint": url.netloc,
            "repo1-s3-bucket": bucket,
            "repo1-s3-uri-style": "path",
            "repo1-s3-region": keys.get("AWS_DEFAULT_REGION", "us-east-1"),
            "repo1-s3-key": keys.get("AWS_ACCESS_KEY_ID", ""),
            "repo1-s3-key-secret": keys.get("AWS_SECRET_ACCESS_KEY", ""),
            "repo1-path": f"/{path}/postgres" if path else "/postgres",
        }

    def fetch(self) -> list[str]:
        """Words that bring the database's part of a repository behind SSH here; the folder to bring it to comes last.

        pgBackRest runs as the database's user, who cannot sign in there, and older ones know no SFTP.
        """
        url = urlsplit(self.address)
        host = f"{url.username}@{url.hostname}" if url.username else str(url.hostname)
        return ["scp", "-B", "-q", "-r", "-p", "-P", str(url.port or 22), f"{host}:{url.path}/postgres"]
