"""The backups become the new server's own: their history goes on, and its PostgreSQL finds its part here, wherever it came from."""

import shutil
from pathlib import Path
from typing import Final

from belgenet.appliance.backup.picture import NAME
from belgenet.appliance.backup.restic import Restic
from belgenet.appliance.restore.errors import RestoreError
from belgenet.appliance.run import run

_SPARE: Final = 1.1
_LONG: Final = 12 * 3600.0


def take_over(
    restic: Restic, source: Path | None, repository: Path, *, data: int, database: bool = True, copy: str = ""
) -> None:
    """Bring to this server what it goes on with. Started again it begins from the beginning.

    :param restic: the source's.
    :param source: None when it is not on this server; then its files are read where they are.
    :param repository: the folder of this server's backups.
    :param data: bytes that the database and the objects take beside it.
    :param database: whether the database's part is wanted.
    :param copy: restic's snapshot with it; empty: it lies beside the files.
    :raises RestoreError: there is no room for it.
    """
    if source is not None and repository.is_dir() and source.samefile(repository):
        return  # also where one disk is mounted twice
    # Beside a copy, what a server before this release kept elsewhere for pgBackRest may still lie; it is older.
    parts = ["files", "releases", *(["postgres"] if database and not copy else [])] if source is not None else []
    # What this step had begun, perhaps from another source: two repositories of restic in one folder are none. What was here before
    # the restoration was set aside.
    for part in ("files", "releases", "postgres"):
        shutil.rmtree(repository / part, ignore_errors=True)
    repository.mkdir(mode=0o755, parents=True, exist_ok=True)
    _require_room(source, parts, restic.size(copy) if copy else 0, repository, data)
    for part in parts:
        if source is not None and (source / part).is_dir():
            run(["cp", "-a", "--reflink=auto", "-T", str(source / part), str(repository / part)], timeout=_LONG)
    if copy:
        restic.restore(copy, repository)
    if "files" in parts:
        run(["chown", "-R", "root:root", str(repository / "files")])
        here = restic.at(str(repository / "files"))
        here.unlock(everybody=True)  # of the server that is no more
        # From now on the database's part lies beside them and goes on: who restores from here must not find the old one inside.
        here.forget(*(str(snapshot["id"]) for snapshot in here.snapshots(NAME)))
    if (repository / "postgres").is_dir():
        run(["chown", "-R", "postgres:postgres", str(repository / "postgres")])


def _require_room(source: Path | None, parts: list[str], copied: int, repository: Path, data: int) -> None:
    files = (file for part in parts if source is not None for file in (source / part).rglob("*") if file.is_file())
    needed = (copied + sum(file.stat().st_size for file in files) + data) * _SPARE
    free = shutil.disk_usage(repository).free
    if free < needed:
        raise RestoreError("no_room", needed=_megabytes(needed), free=_megabytes(free))


def _megabytes(size: float) -> int:
    return int(size / 1024**2)
