"""A new master key comes into the backups before anything is sealed under it.

The database's log leads on from a backup to the last minute. What it brings back may be sealed under a master key that is younger
than the backup's settings; without that key nobody opens it any more. So the settings of each backup are kept once more, with
every master key there is. Whatever moment the database is put back to, both keys are there; the rotation is then finished on the
server that was restored, as one that a backup was made in the middle of.
"""

import json
import shutil
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from belgenet.appliance import recovery_key
from belgenet.appliance.backup.errors import BackupError
from belgenet.appliance.backup.make import fingerprints
from belgenet.appliance.backup.plan import STATE, Plan
from belgenet.appliance.backup.records import Backup
from belgenet.appliance.backup.restic import Restic
from belgenet.appliance.backup.verify import take_out
from belgenet.appliance.backup.workspace import secret_file, workspace
from belgenet.appliance.rotation.kinds import MASTER
from belgenet.appliance.secrets import accepted, beside

_LATER: Final = timedelta(seconds=1)


def keep(plan: Plan, secrets: Mapping[str, str], *, folder: Path = STATE) -> list[str]:
    """Put every master key there is into each backup; harmless when they have them, or there is none and never was.

    :param secrets: the vault's, by name.
    :returns: ids of the backups that lacked one. The caller holds the server's lock.
    :raises BackupError: they may lack it still, and nothing should be sealed under it.
    """
    kept = []
    with workspace(plan, secrets, state=folder) as work:
        work.here.unlock()
        snapshots = work.here.snapshots("settings")
        found = Backup.among(snapshots)
        if not found and plan.offsite and beside(MASTER)[0] in secrets:
            # Restored from there and no backup made since: what lies there gets the log, and its settings are not here.
            raise BackupError("none_yet", where=work.here.address)
        times = {str(snapshot["id"]): str(snapshot["time"]) for snapshot in snapshots}
        for backup in found:
            target = work.folder / backup.id
            at = datetime.fromisoformat(times[backup.snapshot]) + _LATER
            try:
                kept += [backup.id] if _keep_again(work.here, backup, secrets, target, at) else []
            finally:
                shutil.rmtree(target, ignore_errors=True)
    return kept


def _keep_again(restic: Restic, backup: Backup, secrets: Mapping[str, str], target: Path, at: datetime) -> bool:
    """:param at: right after the last, so that it is given up when that would have been."""
    settings = take_out(restic, backup, target)
    if set(_keys(secrets)) <= set(_keys(settings.secrets)):
        return False
    both = _with_all(settings.secrets, secrets)
    prints = fingerprints(settings.secrets[recovery_key.NAME], both)
    file = settings.folder / "secrets.json"
    file.unlink()
    secret_file(file, json.dumps(both, indent=1, sort_keys=True))
    (settings.folder / "manifest.json").write_text(replace(settings.manifest, secrets=prints).text(), encoding="utf-8")
    restic.backup(target, settings.folder.name, backup.tags, "--time", f"{at.astimezone():%Y-%m-%d %H:%M:%S}")
    return True


def _with_all(kept: Mapping[str, str], now: Mapping[str, str]) -> dict[str, str]:
    """A backup's secrets with the newest master key in use, and every other one as going."""
    coming, going = beside(MASTER)
    newest = now.get(coming, now[MASTER]).split()
    others = [key for key in (*_keys(now), *_keys(kept)) if key not in newest]
    both = {name: text for name, text in kept.items() if name not in {coming, going}}
    both |= {going: " ".join(dict.fromkeys(others))} if others else {}
    return both | {MASTER: " ".join(newest)}


def _keys(secrets: Mapping[str, str]) -> list[str]:
    return " ".join(accepted(secrets, MASTER)).split()
