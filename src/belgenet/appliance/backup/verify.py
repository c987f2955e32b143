"""Is what we keep whole, and is it what we think it is?"""

import json
import random
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final

from belgenet.appliance import recovery_key
from belgenet.appliance.backup import objects, offsite, state
from belgenet.appliance.backup.database import Database
from belgenet.appliance.backup.errors import BackupError
from belgenet.appliance.backup.make import fingerprints
from belgenet.appliance.backup.plan import STATE, Plan
from belgenet.appliance.backup.records import Backup, Manifest
from belgenet.appliance.backup.restic import Restic
from belgenet.appliance.backup.workspace import Workspace, workspace

SAMPLE: Final = 200
OLD: Final = timedelta(hours=26)
PARTS: Final = 8
"""Every week another eighth of the files' repository is read; all of it in two months."""


@dataclass(frozen=True)
class Settings:
    """The settings of a backup, taken out of it."""

    backup: Backup
    manifest: Manifest
    secrets: Mapping[str, str]
    index: objects.Index
    folder: Path


def newest(restic: Restic) -> Backup:
    """:raises BackupError: there is none."""
    if not (found := Backup.all(restic)):
        raise BackupError("none_yet", where=restic.address)
    return found[-1]


def take_out(restic: Restic, backup: Backup, target: Path) -> Settings:
    """Settings, secrets, manifest and index of a backup, below a folder that only root reads.

    :raises BackupError: one of them is missing or unreadable.
    """
    restic.restore(backup.snapshot, target)
    folder = target / "settings"
    try:
        manifest = Manifest.parse((folder / "manifest.json").read_text(encoding="utf-8"))
        secrets: dict[str, str] = json.loads((folder / "secrets.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BackupError("manifest_unreadable", reason=error) from None
    index = objects.Index.read(folder / "objects.jsonl")
    if index is None:
        raise BackupError("manifest_unreadable", reason="objects.jsonl")
    return Settings(backup, manifest, secrets, index, folder)


def differences(settings: Settings, key: str) -> Iterator[BackupError]:
    """What does not agree within a backup: its secrets and its index with its manifest."""
    found = fingerprints(key, settings.secrets)
    if wrong := sorted(name for name, print_ in settings.manifest.secrets.items() if found.get(name) != print_):
        yield BackupError("secrets_differ", names=", ".join(wrong))
    told = settings.manifest.objects
    if (told["count"], told["bytes"]) != (len(settings.index.kept), settings.index.size):
        yield BackupError("index_differs", found=len(settings.index.kept), told=told["count"])


def verify(
    plan: Plan,
    secrets: Mapping[str, str],
    database: Database,
    *,
    folder: Path = STATE,
    chosen: random.Random | None = None,
) -> list[BackupError]:
    """Everything that is wrong with the backups; empty when all is well. What cannot be looked at is a finding too."""
    begin = time.monotonic()
    findings: list[BackupError] = []
    with workspace(plan, secrets, state=folder) as work:
        looks: tuple[Callable[[], list[BackupError]], ...] = (
            partial(_database, database),
            partial(_files, work.here),
            partial(_newest, work, secrets, database, chosen or random.SystemRandom()),
            partial(_elsewhere, work),
        )
        for look in looks:
            try:
                findings += look()
            except BackupError as error:
                findings.append(error)
    if findings:
        state.failed("verify", findings[0].code, str(findings[0]), folder)
    else:
        state.succeeded("verify", time.monotonic() - begin, folder)
    return findings


def _database(database: Database) -> list[BackupError]:
    database.check()
    return [BackupError("database_damaged", said=said) for said in database.verify()]


def _files(restic: Restic) -> list[BackupError]:
    week = datetime.now(UTC).isocalendar().week
    restic.check(f"{week % PARTS + 1}/{PARTS}")
    return []


def _newest(
    work: Workspace, secrets: Mapping[str, str], database: Database, chosen: random.Random
) -> list[BackupError]:
    backup = newest(work.here)
    found: list[BackupError] = []
    if datetime.now(UTC) - backup.at > OLD:
        found.append(BackupError("too_old", at=f"{backup.at:%Y-%m-%d %H:%M} UTC"))
    if backup.label not in {base.label for base in database.info()}:
        found.append(BackupError("base_missing", label=backup.label))
    settings = take_out(work.here, backup, work.folder / "verify")
    found += differences(settings, secrets[recovery_key.NAME])
    kept = list(settings.index.kept.values())
    objects.sample(work.here, chosen.sample(kept, min(SAMPLE, len(kept))), work.folder / "sample")
    return found


def _elsewhere(work: Workspace) -> list[BackupError]:
    if work.elsewhere is None:
        return []
    here, there = newest(work.here), newest(work.elsewhere)
    if here.id != there.id:
        return [BackupError("offsite_behind", here=here.id, there=there.id)]
    copy = offsite.Copy.newest(work.elsewhere)
    if copy is None or here.label not in copy.labels:
        return [BackupError("offsite_without_database", label=here.label)]
    return []


def as_json(findings: list[BackupError]) -> list[dict[str, Any]]:
    """For programs."""
    return [{"code": finding.code, "message": str(finding)} for finding in findings]
