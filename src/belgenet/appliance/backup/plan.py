"""Where backups go: ``/etc/belgenet/backup.json``, which the role writes from the operator's answers."""

import json
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Self

from belgenet.appliance import places
from belgenet.appliance.backup.errors import BackupError

FILE: Final = places.ETC / "backup.json"
STATE: Final = Path("/var/lib/belgenet/backup")
"""What we remember between runs; nothing there is needed for a restore."""
OURS: Final = (Path("/var/lib/belgenet"), Path("/var/lib/postgresql"))
"""What is kept, before it is kept."""


@dataclass(frozen=True)
class Plan:
    """:param folder: on this server, with ``postgres``, ``files`` and ``releases`` in it.
    :param major: of the database's server.
    :param offsite: empty, or ``type`` (``folder``, ``s3``, ``sftp``) and what that needs.
    :param etc: folders with settings and keys to keep.
    :param reader: user of the server that reads the database for backups; empty: its owner does. Releases before there was such a
        user wrote none, and the backup before an upgrade from one of them is made as they made theirs.
    """

    folder: Path
    major: int
    offsite: Mapping[str, Any] = field(default_factory=dict)
    etc: tuple[Path, ...] = (places.ETC, Path("/etc/letsencrypt"))
    reader: str = ""

    @classmethod
    def read(cls, file: Path = FILE) -> Self:
        """:raises BackupError: the role has not been there."""
        try:
            told = json.loads(file.read_text(encoding="utf-8"))
            offsite, reader = told["offsite"] or {}, str(told.get("reader", ""))
            return cls(Path(told["folder"]), int(told["major"]), offsite, reader=reader)
        except FileNotFoundError:
            raise BackupError("not_set_up", file=file) from None
        except (ValueError, KeyError, TypeError) as error:
            raise BackupError("plan_unreadable", file=file, reason=error) from None

    def require_apart(self, ours: Collection[Path] = OURS) -> None:
        """Nobody's place elsewhere is a place of this server's own, by whatever name.

        :param ours: folders beside that of the backups.
        :raises BackupError: it is one, lies in one, or one lies in it.
        """
        if self.offsite.get("type") != "folder":
            return
        place = Path(self.offsite["path"])
        for other in (self.folder, *ours):
            if _within(place, other) or _within(other, place):
                raise BackupError("offsite_overlaps", place=place, other=other)

    @property
    def files(self) -> str:
        """restic's address of the repository on this server."""
        return str(self.folder / "files")

    @property
    def postgres(self) -> Path:
        """pgBackRest's repository, on this server."""
        return self.folder / "postgres"

    @property
    def stage(self) -> Path:
        """Where a picture of it lies while it is brought elsewhere. Emptied by us: a name that nobody gives to a disk."""
        return self.folder / ".picture-of-postgres"

    @property
    def files_offsite(self) -> str:
        """restic's address of the one elsewhere; empty when there is none."""
        where = self.offsite
        match where.get("type"):
            case "folder":
                return f"{where['path']}/files"
            case "s3":
                scheme = "http" if where.get("insecure") else "https"
                return f"s3:{scheme}://{where['endpoint']}/{where['bucket']}{where.get('path', '')}/files"
            case "sftp":
                return f"sftp://{where['user']}@{where['host']}:{where.get('port', 22)}/{where['path']}/files"
        return ""


def _within(inner: Path, outer: Path) -> bool:
    """Whether one is the other or lies in it; links are followed, and a folder that is mounted twice is one."""
    inner, outer = inner.resolve(), outer.resolve()
    for place in (inner, *inner.parents):
        if place == outer:
            return True
        with suppress(OSError):
            if place.samefile(outer):
                return True
    return False
