"""What the operator added beside the files of the roles, where the handbook says that it stays: it comes back with the settings.

What lies in ``/etc/belgenet`` (``nginx.d``) is kept with that folder.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from belgenet.appliance.removal import HEADER

ROOT: Final = Path("/")
_DATABASE: Final = "etc/postgresql"
_PLACES: Final = ("etc/nftables.d/*.nft", "etc/systemd/system/*.d/*.conf", f"{_DATABASE}/*/belgenet/conf.d/*.conf")
_UNITS: Final = ("belgenet-", "nginx.", "nftables.", "postgresql@", "postgresql.", "redis-server@belgenet-")
"""Whose drop-ins are kept: those of an institution's other services are no part of ours."""


def files(root: Path = ROOT) -> Iterator[Path]:
    """Those of the operator; what the roles wrote they write again."""
    for pattern in _PLACES:
        for file in sorted(root.glob(pattern)):
            of_a_unit = file.parent.parent.name == "system"
            if file.is_symlink() or not file.is_file() or (of_a_unit and not file.parent.name.startswith(_UNITS)):
                continue
            if HEADER not in file.read_bytes()[:512]:
                yield file


def keep(stage: Path, root: Path = ROOT) -> None:
    """Copy them below ``stage``, under their paths."""
    for file in files(root):
        target = stage / file.relative_to(root)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(file, target)


def put_back(stage: Path, root: Path = ROOT) -> None:
    """All but the database's, before the roles run. What is there stays: who was cut off may have mended it."""
    for file in _staged(stage):
        if not file.is_relative_to(stage / _DATABASE):
            _put(file, root / file.relative_to(stage))


def put_back_database(stage: Path, major: int, root: Path = ROOT, owner: str = "postgres") -> bool:
    """The database's, once its cluster is there.

    :param major: of the cluster that runs here; it may be another one than that of the backup.
    :returns: whether there are any: the cluster reads them when it starts.
    """
    found = [file for file in _staged(stage) if file.is_relative_to(stage / _DATABASE)]
    for file in found:
        target = root / _DATABASE / str(major) / "belgenet/conf.d" / file.name
        if _put(file, target):
            shutil.chown(target, owner, owner)
    return bool(found)


def _staged(stage: Path) -> list[Path]:
    return sorted(file for file in stage.rglob("*") if file.is_file())


def _put(file: Path, target: Path) -> bool:
    if target.exists():
        return False
    target.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    shutil.copy2(file, target)
    return True
