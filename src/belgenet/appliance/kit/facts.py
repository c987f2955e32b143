"""What a recovery kit says about an installation."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Self

from belgenet.appliance.recovery_key import derive

PER_ROW: Final = 7
_FINGERPRINT: Final = 16
_QUARTER: Final = 4


@dataclass(frozen=True)
class Facts:
    """The words and places of one kit.

    :param key: the recovery key as it is printed.
    :param folder: where the backups lie on the server itself.
    :param elsewhere: copies outside of it; secrets that open those are not among them.
    """

    domain: str
    release: str
    system: str
    made: datetime
    folder: str
    elsewhere: tuple[str, ...]
    key: str

    @classmethod
    def of(cls, site: Mapping[str, Any], manifest: Mapping[str, str], key: str, folder: Path) -> Self:
        """From what the operator said, the release's manifest and the vault.

        :param folder: of the backups, unless the operator named another one.
        """
        return cls(
            domain=str(site.get("belgenet_domain", "")),
            release=manifest["version"],
            system=manifest["os"],
            made=datetime.now(UTC),
            folder=str(site.get("belgenet_backup_folder") or folder),
            elsewhere=tuple(_elsewhere(site)),
            key=key,
        )

    @property
    def bundle(self) -> str:
        """Name of the folder that the release beside the backups unpacks to."""
        return f"belgenet-{self.release}"

    @property
    def system_name(self) -> str:
        """``Debian 13``."""
        return re.sub(r"([a-z]+)([\d.]+)", lambda found: f"{found[1].capitalize()} {found[2]}", self.system)

    @property
    def groups(self) -> list[str]:
        """The key's groups; each checks itself."""
        return self.key.split("-")

    @property
    def rows(self) -> list[list[tuple[int, str]]]:
        """The groups with their numbers, as they stand on the page."""
        numbered = list(enumerate(self.groups, start=1))
        return [numbered[at : at + PER_ROW] for at in range(0, len(numbered), PER_ROW)]

    @property
    def fingerprint(self) -> str:
        """Tells two kits apart; see :func:`fingerprint`."""
        return fingerprint(self.key)


def fingerprint(key: str) -> str:
    """Sixteen digits by which a key is recognized. They are derived as a password is, from 256 random bits: nothing leads back."""
    digits = derive(key, "fingerprint")[:_FINGERPRINT].upper()
    return " ".join(digits[at : at + _QUARTER] for at in range(0, _FINGERPRINT, _QUARTER))


def _elsewhere(site: Mapping[str, Any]) -> list[str]:
    """As ``install.sh --restore-from`` wants to hear it."""
    where = site.get("belgenet_backup_offsite") or {}
    match where.get("type"):
        case "folder":
            return [str(where["path"])]
        case "s3":
            return [f"s3:https://{where['endpoint']}/{where['bucket']}{where.get('path', '')}"]
        case "sftp":
            return [f"sftp://{where['user']}@{where['host']}:{where.get('port', 22)}/{where['path']}"]
    return []
