"""The server as the checks see it."""

import json
import os
import pwd
from collections.abc import Sequence
from configparser import ConfigParser
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from belgenet.appliance import places
from belgenet.appliance.run import CommandError, in_own_unit, run
from belgenet.appliance.site import read_site
from belgenet.appliance.sql import TRUSTED
from belgenet.appliance.vault import Vault

_PSEUDO: Final = frozenset(
    {
        "autofs",
        "binfmt_misc",
        "bpf",
        "cgroup",
        "cgroup2",
        "configfs",
        "debugfs",
        "devpts",
        "devtmpfs",
        "efivarfs",
        "fusectl",
    }
    | {"hugetlbfs", "mqueue", "nsfs", "proc", "pstore", "ramfs", "securityfs", "squashfs", "sysfs", "tracefs"}
)
_NOT_OURS: Final = ("/proc", "/sys", "/dev", "/run/host", "/run/credentials", "/run/user", "/run/lock", "/snap")


def _as(user: str, words: Sequence[str], seconds: float) -> list[str]:
    """:param seconds: then it ends, whatever has become of us."""
    try:
        pwd.getpwnam(user)
    except KeyError:
        raise CommandError("systemd-run", None, f"there is no user {user}") from None
    bounds = (
        f"RuntimeMaxSec={seconds:.0f}",
        "RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6",
        "MemoryMax=256M",
        "TasksMax=32",
    )
    return in_own_unit(user, words, *bounds)


@dataclass(frozen=True)
class Disk:
    """A mounted filesystem; bytes and inodes as an ordinary process may use them."""

    mount: str
    size: int
    free: int
    inodes: int
    inodes_free: int


class System:
    """What checks may ask. Answers come from the server at the moment of asking.

    :param root: prefix of every path; tests put files below another folder.
    """

    def __init__(self, root: Path = Path("/")) -> None:
        self.root = root

    def now(self) -> datetime:
        """UTC."""
        return datetime.now(UTC)

    def path(self, name: str | Path) -> Path:
        """Where a file of the server is."""
        return self.root / str(name).lstrip("/")

    def text(self, name: str | Path) -> str | None:
        """A file's text; None when there is none."""
        try:
            return self.path(name).read_text(encoding="utf-8", errors="replace")
        except (FileNotFoundError, NotADirectoryError):
            return None

    def document(self, name: str | Path) -> dict[str, Any]:
        """A JSON file; empty when there is none or it is no JSON."""
        try:
            found = json.loads(self.text(name) or "{}")
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}

    def run(self, words: Sequence[str], *, user: str = "", input: str = "", timeout: float = 15) -> str:  # noqa: A002
        """What a program prints. :raises CommandError:"""
        return run(_as(user, words, timeout) if user else words, input=input, timeout=timeout)

    def answers(self, words: Sequence[str], *, user: str = "", timeout: float = 15) -> bool:
        """Whether a program ends with 0."""
        try:
            self.run(words, user=user, timeout=timeout)
        except CommandError:
            return False
        return True

    def sql(self, query: str) -> list[dict[str, Any]]:
        """Rows, as the cluster's administrator. :raises CommandError:"""
        words = ["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", "/run/postgresql"]
        words += ["-U", "postgres", "-d", "belgenet"]  # as root: PostgreSQL knows it
        script = (
            f"{TRUSTED} set statement_timeout = '10s';\nselect coalesce(json_agg(found), '[]') from ({query}) as found;"
        )
        rows: list[dict[str, Any]] = json.loads(self.run(words, input=script, timeout=15))
        return rows

    def probe(self) -> dict[str, Any]:
        """What the product's own user for commands finds at the S3 server; see :mod:`probe`. :raises CommandError:"""
        found: dict[str, Any] = json.loads(self.run(["/usr/local/sbin/belgenet", "probe"], timeout=40))
        return found

    def disks(self) -> list[Disk]:
        """Filesystems that can fill."""
        mounts: dict[int, Disk] = {}
        # Those of the first process: in a sandbox, everything is mounted read-only once more.
        for line in (self.text("/proc/1/mounts") or "").splitlines():
            _device, mount, kind, options = line.split()[:4]
            if kind in _PSEUDO or mount.startswith(_NOT_OURS) or "ro" in options.split(","):
                continue
            try:
                found, device = os.statvfs(mount), os.stat(mount).st_dev  # noqa: PTH116
            except OSError:
                continue
            disk = Disk(
                mount,
                found.f_frsize * found.f_blocks,
                found.f_frsize * found.f_bavail,
                found.f_files,
                found.f_favail,
            )
            if disk.size:
                mounts.setdefault(device, disk)
        return list(mounts.values())

    @cached_property
    def site(self) -> dict[str, Any]:
        """The operator's answers. :raises SiteError:"""
        return read_site(self.path(places.SITE))

    @cached_property
    def settings(self) -> dict[str, str]:
        """The product's settings that are no secrets: ``mail.host`` -> text."""
        parser = ConfigParser(interpolation=None)
        parser.read_string(self.text(places.ETC / "belgenet.ini") or "")
        given = parser["app:main"] if parser.has_section("app:main") else {}
        return {key.removeprefix("belgenet."): value for key, value in given.items() if key.startswith("belgenet.")}

    @property
    def vault(self) -> Vault:
        """The installation's secrets."""
        return Vault(self.path(places.VAULT))

    @property
    def domain(self) -> str:
        """Base domain."""
        return str(self.site.get("belgenet_domain", ""))
