"""Ways out that need neither pgBackRest nor this server: a dump of the database, and the release to install again."""

import errno
import tarfile
from pathlib import Path
from typing import Final

from belgenet.appliance.backup.database import Database
from belgenet.appliance.backup.errors import BackupError
from belgenet.appliance.backup.restic import Restic

DUMP: Final = "dump"
FILE: Final = "belgenet.dump"


def keep(database: Database, restic: Restic, major: int, name: str) -> None:
    """Keep a dump by the server major's own pg_dump, which every later PostgreSQL reads."""
    words = [f"/usr/lib/postgresql/{major}/bin/pg_dump", "--format=custom", "--compress=0"]
    try:
        restic.backup_output(database.words(*words), FILE, [DUMP, f"id={name}"])
    except BackupError as error:
        restic.forget(*(str(half["id"]) for half in restic.snapshots(DUMP, f"id={name}")))
        raise BackupError("dump_failed", said=error) from None


def keep_release(backups: Path, release: Path) -> None:
    """Lay the running release's bundle beside the backups, once, so that the same release can be installed elsewhere.

    :param backups: a folder, here or elsewhere.
    """
    bundle = release / "bundle"
    if bundle.is_dir():
        _pack(bundle, backups / "releases", release.name)


def _pack(bundle: Path, folder: Path, version: str) -> None:
    target = folder / f"belgenet-{version}.tar"
    if target.exists():
        return
    draft = target.with_suffix(".draft")
    try:
        folder.mkdir(mode=0o755, parents=True, exist_ok=True)
        with tarfile.open(draft, "w") as archive:
            archive.add(bundle, arcname=f"belgenet-{version}")
        draft.replace(target)
    except OSError as error:
        draft.unlink(missing_ok=True)
        code = "disk_full" if error.errno == errno.ENOSPC else "files_failed"
        raise BackupError(code, where=folder, said=error) from None
