"""The restoration itself, step by step, by the release that made the backup. A step that was cut off is taken again."""

import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from belgenet.appliance import places, recovery_key
from belgenet.appliance.backup.objects import Index
from belgenet.appliance.backup.plan import Plan
from belgenet.appliance.backup.records import Backup, Manifest
from belgenet.appliance.backup.restic import Restic
from belgenet.appliance.backup.workspace import secret_file
from belgenet.appliance.kit import confirmation
from belgenet.appliance.kit.facts import fingerprint
from belgenet.appliance.objectstore.place import Keys, place_of
from belgenet.appliance.playbook import Playbook
from belgenet.appliance.restore import journal, whole
from belgenet.appliance.restore.aside import set_aside
from belgenet.appliance.restore.choice import Dump
from belgenet.appliance.restore.cluster import Cluster
from belgenet.appliance.restore.errors import RestoreError
from belgenet.appliance.restore.putting import BucketTarget, put_back
from belgenet.appliance.restore.repository import take_over
from belgenet.appliance.restore.settings import Settings
from belgenet.appliance.restore.source import KEYS, Source
from belgenet.appliance.restore.written import Written
from belgenet.appliance.rotation import values
from belgenet.appliance.rotation.journal import Journal
from belgenet.appliance.run import run
from belgenet.appliance.site import read_site
from belgenet.appliance.vault import Vault

HOLD: Final = places.ETC / "outgoing-held"
"""The product's setting ``tasks.hold_file``: while it is there, nobody gets mail or SMS."""
STAGE: Final = Path("/var/lib/belgenet/restore/stage")
"""Where objects lie between restic and the S3 server, one batch at a time."""
MEMORY: Final = Path("/run/belgenet-restore")
_GROUND: Final = ("base", "secrets", "postgres", "objectstore")
"""Roles that must have been there before the data can come."""
_INSTALL: Final = ("apt-get", "-qq", "install", "-y", "--no-install-recommends")
_PROGRAMS: Final = ("pgbackrest", "restic")
"""From the release's own packages, which the role ``base`` has made known."""


@dataclass(frozen=True)
class Order:
    """What is to be restored.

    :param found: the folder that the look has left.
    :param release: the folder of the release that does it.
    """

    address: str
    found: Path
    release: Path
    at: datetime | None = None
    dump: bool = False
    accept_missing: bool = False


class Work:
    """One restoration.

    :param told: hears the code of each step's text before it begins.
    """

    def __init__(
        self, order: Order, told: Callable[[str, Mapping[str, Any]], None] = lambda _code, _params: None
    ) -> None:
        self._order, self._told = order, told
        self._settings = order.found / "settings"
        found = json.loads((order.found / "found.json").read_text(encoding="utf-8"))
        self._copy, dump = str(found.pop("copy")), found.pop("dump")
        self._dump = Dump(**dump) if dump else None
        self.backup = Backup(**found)
        self.manifest = Manifest.parse((self._settings / "manifest.json").read_text(encoding="utf-8"))
        self._secrets: dict[str, str] = json.loads((self._settings / "secrets.json").read_text(encoding="utf-8"))
        self._key = self._secrets[recovery_key.NAME]
        self._source = Source.parse(order.address)
        self._repository = Plan.read(self._settings / "etc" / "belgenet" / "backup.json").folder
        self._written = Written(self.backup.id)
        self._env = {name: os.environ[name] for name in KEYS if name in os.environ}

    @property
    def _taken(self) -> list[str | bool]:
        """What the repository here is taken from."""
        return [self._order.address, self._copy, self._order.dump]

    def run(self) -> journal.State:
        """From the first step that is not done to the last.

        :raises RestoreError, BackupError: with the step's name in the journal as the one to go on with.
        """
        state = journal.begin(self.backup.id, self._source.address)
        if "database" not in state.done and state.facts.get("taken", self._taken) != self._taken:
            state = state.again("repository")
        for name, step in self._steps():
            if name in state.done:
                continue
            self._told(f"step_{name}", {})
            facts = step() or {}
            state = journal.write(state.without(facts.pop("missing", state.missing)).taken(name, **facts))
        state = journal.write(journal.State(**{**vars(state), "ended": journal.now()}))
        self._written.forget()
        return state

    def _steps(self) -> Iterator[tuple[str, Callable[[], dict[str, Any] | None]]]:
        yield "hold", self._hold
        yield "secrets", self._write_secrets
        yield "settings", self._write_settings
        yield "ground", self._ground
        yield "aside", self._set_aside
        yield "repository", self._keep_repository
        yield "database", self._database
        yield "objects", self._objects
        yield "apply", self._apply
        yield "whole", self._whole
        # Last: before the data are back the timer would take an old master key away that they are sealed under.
        yield "rotation", self._finish_rotation

    def _hold(self) -> None:
        HOLD.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        HOLD.touch()

    def _write_secrets(self) -> None:
        """Sealed anew, for this host."""
        vault = Vault(places.VAULT)
        self._written.give_way(vault)
        self._written.secrets(self._secrets)
        for name, text in self._secrets.items():
            vault.write(name, text)

    def _write_settings(self) -> None:
        Settings(self._settings, self._written).put()

    def _ground(self) -> None:
        self._play(_GROUND)
        major = self._major()
        Settings(self._settings, self._written).put_database(major)
        # Also where there are none: those of a backup that was tried before are in effect until then.
        run(["systemctl", "restart", f"postgresql@{major}-belgenet"], timeout=600)
        run([*_INSTALL, *_PROGRAMS], timeout=1800, env={"DEBIAN_FRONTEND": "noninteractive"})

    def _set_aside(self) -> dict[str, Any]:
        """Other backups where this server's own will lie. A step of its own: what the next one has begun to copy stays there."""
        moved = [str(place) for place in set_aside(self._repository, self._source.folder)]
        for place in moved:
            self._told("set_aside", {"place": place})
        return {"aside": moved} if moved else {}

    def _keep_repository(self) -> dict[str, Any]:
        told = int(self.manifest.extra.get("database_bytes", 0)) + int(self.manifest.objects["bytes"])
        with self._restic() as restic:
            database = not self._order.dump
            take_over(restic, self._source.folder, self._repository, data=told, database=database, copy=self._copy)
        return {"copy": self._copy, "taken": self._taken}

    def _database(self) -> dict[str, Any]:
        with _in_memory() as folder:
            cluster = Cluster(self._major(), folder)
            if self._dump:
                return self._from_dump(cluster, self._dump)
            password = recovery_key.derive(self._key, recovery_key.DATABASE)
            place = self._repository / "postgres"
            return {"last_transaction": cluster.restore(place, password, self.manifest.label, self._order.at)}

    def _major(self) -> int:
        """Of the cluster here; only a portable dump comes into another one than it was made of."""
        if not self._order.dump:
            return self.manifest.major
        return max(int(place.name) for place in Path("/usr/lib/postgresql").iterdir() if place.name.isdigit())

    def _from_dump(self, cluster: Cluster, dump: Dump) -> dict[str, Any]:
        stage = Path("/var/lib/postgresql/restore")
        shutil.rmtree(stage, ignore_errors=True)
        try:
            with self._restic() as restic:
                restic.restore(dump.snapshot, stage)
            run(["chown", "-R", "postgres:postgres", str(stage)])  # restic makes the folder root's alone
            file = next(file for file in stage.rglob("*.dump") if file.is_file())
            cluster.load(file)
            return {"dump": dump.at}
        finally:
            shutil.rmtree(stage, ignore_errors=True)

    def _objects(self) -> dict[str, Any]:
        index = Index.read(self._settings / "objects.jsonl")
        if index is None:
            raise RestoreError("damaged", where=self._source.address, said="objects.jsonl")
        place = place_of(read_site())
        keys = Vault(places.SERVICES / "console", prefix="belgenet")
        client = place.client(Keys(keys.read("storage.access_key") or "", keys.read("storage.secret_key") or ""))
        target = BucketTarget(client, place.bucket)
        target.prepare()
        shutil.rmtree(STAGE, ignore_errors=True)
        STAGE.mkdir(mode=0o700, parents=True)
        try:
            with self._restic() as restic:
                lost = put_back(restic, index, target, STAGE, accept_missing=self._order.accept_missing)
        finally:
            shutil.rmtree(STAGE, ignore_errors=True)
        younger = whole.younger([*target.keys(), *lost])
        facts = {"objects": len(index.kept) - len(lost), "object_bytes": index.size, "younger": younger}
        return {"missing": lost, **facts}

    def _apply(self) -> None:
        self._play(())

    def _whole(self) -> dict[str, Any]:
        confirmation.remember(fingerprint(self._key))  # who restores has the kit
        return whole.require(self.manifest, self._secrets, from_dump=self._order.dump)

    def _finish_rotation(self) -> None:
        """Leave to the timer what a rotation on the old server had not come to: its old values are accepted until then."""
        values.inherit(Vault(places.VAULT), Journal(places.ROTATION))

    def _play(self, only: tuple[str, ...]) -> None:
        report = Playbook(self._order.release, places.SITE).run(only=only)
        if not report.complete:
            raise RestoreError("playbook_failed", said="\n".join(report.text.splitlines()[-40:]))

    @contextmanager
    def _restic(self) -> Iterator[Restic]:
        with _in_memory() as folder:
            password = secret_file(folder / "restic", recovery_key.derive(self._key, recovery_key.FILES))
            yield Restic(self._source.files, password, folder, env=self._env, options=self._source.options)


@contextmanager
def _in_memory() -> Iterator[Path]:
    """A folder for passwords, gone afterwards; the cluster's owner may look for its own file in it."""
    shutil.rmtree(MEMORY, ignore_errors=True)
    MEMORY.mkdir(mode=0o711)
    try:
        yield MEMORY
    finally:
        shutil.rmtree(MEMORY, ignore_errors=True)
