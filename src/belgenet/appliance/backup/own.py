"""What the operator added beside the files of the roles, where the handbook says that it stays: it comes back with the settings.

What lies in ``/etc/belgenet`` (``nginx.d``) is kept with that folder.
"""

import os
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


def pairs(stage: Path, root: Path = ROOT) -> Iterator[tuple[Path, Path]]:
    """Where each file comes from and where it goes: all but the database's, before the roles run."""
    return ((file, root / name) for file, name in _staged(stage) if not name.is_relative_to(_DATABASE))


def database_pairs(stage: Path, major: int, root: Path = ROOT) -> Iterator[tuple[Path, Path]]:
    """The database's.

    :param major: of the cluster that runs here; it may be another one than that of the backup.
    """
    place = root / _DATABASE / str(major) / "belgenet/conf.d"
    return ((file, place / file.name) for file, name in _staged(stage) if name.is_relative_to(_DATABASE))


def put(file: Path, target: Path, owner: str = "") -> bool:
    """Whether it was put there. What is there stays: who was cut off may have mended it."""
    if target.exists():
        return False
    bring(file, target, owner)
    return True


def bring(file: Path, target: Path, owner: str = "") -> None:
    """Copy a file or a link, over what is there: whole on the disk, or not at all."""
    target.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    draft = target.with_name(f".{target.name}.draft")
    draft.unlink(missing_ok=True)
    shutil.copy2(file, draft, follow_symlinks=False)
    if not draft.is_symlink():
        with draft.open("rb") as content:
            os.fsync(content.fileno())
    if owner:
        shutil.chown(draft, owner, owner)
    draft.replace(target)


def _staged(stage: Path) -> list[tuple[Path, Path]]:
    return [(file, file.relative_to(stage)) for file in sorted(stage.rglob("*")) if file.is_file()]
