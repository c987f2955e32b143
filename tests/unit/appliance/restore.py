"""A repository as ``belgenet backup`` leaves it, small and made by the same programs."""

import hashlib
import json
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from belgenet.appliance.backup import picture, portable
from belgenet.appliance.backup.objects import NAME, Index, Kept
from belgenet.appliance.backup.records import Backup, Manifest
from belgenet.appliance.backup.restic import Restic
from belgenet.appliance.backup.workspace import secret_file
from belgenet.appliance.recovery_key import FILES, derive, write

KEY = write(bytes(range(32)))
ID = "20261122T013000Z"
LABEL = "20261122-013001F"
needs_restic = pytest.mark.skipif(not shutil.which("restic"), reason="uses restic (apt install restic)")


@dataclass
class Repository:
    """:param folder: with ``files`` and ``postgres``; :param work: of ours."""

    folder: Path
    work: Path
    restic: Restic
    index: Index

    def add(self, name: str, *, release: str = "1.2.0", major: int = 17, label: str = LABEL, ended: str = "") -> Backup:
        """A backup's settings. :param ended: of the database's part; empty: of a release that did not tell."""
        stage = self.work / "stage"
        (stage / "settings/etc/belgenet").mkdir(parents=True)
        backup = Backup(name, label, "full", release, ID, "")
        extra = {"database_ended": ended} if ended else {}
        objects = {"count": len(self.index.kept), "bytes": self.index.size, "generation": ID}
        manifest = Manifest(name, label, release, major, "0009", {"orders": 3}, {"orders": 4}, objects, {}, extra)
        (stage / "settings/manifest.json").write_text(manifest.text())
        (stage / "settings/etc/belgenet/site.yml").write_text("belgenet_domain: okul.example\n")
        self.index.write(stage / "settings/objects.jsonl")
        self.restic.backup(stage, "settings", backup.tags)
        shutil.rmtree(stage)
        return backup

    def copy_database(self, *labels: str, content: str = "copied") -> str:
        """As it comes elsewhere: with these base backups; restic's id of it. The first is of 26 November, 12:00, by UTC."""
        for label in labels:
            file = self.work / "picture" / picture.NAME / f"backup/belgenet/{label}/backup.manifest"
            file.parent.mkdir(parents=True)
            file.write_text(content)
        tags = [picture.NAME, f"size={3 * 1024**2}", *(f"label={label}" for label in labels)]
        at = datetime(2026, 11, 26, 12, len(self.restic.snapshots(picture.NAME)), tzinfo=UTC)
        self.restic.backup(self.work / "picture", picture.NAME, tags, "--time", local(at))
        shutil.rmtree(self.work / "picture")
        return str(self.restic.snapshots(picture.NAME)[-1]["id"])

    def dump(self, at: datetime) -> None:
        """A portable dump of that moment."""
        (self.work / portable.FILE).write_text("dump")
        self.restic.backup(self.work, portable.FILE, [portable.DUMP], "--time", local(at))

    def packs(self) -> list[Path]:
        """Files with data."""
        return [file for file in (self.folder / "files/data").rglob("*") if file.is_file()]


def local(at: datetime) -> str:
    """As restic wants it."""
    return f"{at.astimezone():%Y-%m-%d %H:%M:%S}"


def repository(folder: Path, objects: dict[str, bytes]) -> Repository:
    """With these objects, in one batch, and one backup."""
    work, place = folder / "work", folder / "backups"
    (work / "stage" / NAME).mkdir(parents=True)
    password = secret_file(work / "password", derive(KEY, FILES))
    restic = Restic(str(place / "files"), password, work)
    restic.make()
    kept = {}
    for key, content in objects.items():
        name = hashlib.sha256(key.encode()).hexdigest()
        file = work / "stage" / NAME / name[:2] / name
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(content)
        digest = hashlib.sha256(content).hexdigest()
        kept[key] = Kept(key, len(content), "e", digest, "text/plain", f"{ID}-00001")
    restic.backup(work / "stage", NAME, [NAME, f"gen={ID}", f"batch={ID}-00001"])
    shutil.rmtree(work / "stage")
    for name in (
        f"backup/belgenet/{LABEL}/backup.manifest",
        "backup/belgenet/backup.info",
        "archive/belgenet/archive.info",
    ):
        (place / "postgres" / name).parent.mkdir(parents=True, exist_ok=True)
        (place / "postgres" / name).write_text("x")
    made = Repository(place, work, restic, Index(ID, kept))
    made.add(ID)
    return made


def bundle(folder: Path, version: str = "1.2.0", major: int = 17) -> Path:
    """What of an unpacked bundle is looked at."""
    folder.mkdir(parents=True)
    facts = {"version": version, "os": "debian13", "components": {"postgresql": f"{major}.1-0+deb13u1"}}
    (folder / "manifest.json").write_text(json.dumps(facts))
    return folder
