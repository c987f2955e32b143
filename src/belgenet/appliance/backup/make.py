"""Making a backup: the database first, objects after it, settings and secrets last: whatever the database knows of is there."""

import hashlib
import hmac
import json
import shutil
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from belgenet.appliance import places, recovery_key
from belgenet.appliance.backup import contents, objects, offsite, own, picture, portable, state
from belgenet.appliance.backup.bucket import bucket
from belgenet.appliance.backup.database import Database
from belgenet.appliance.backup.errors import BackupError
from belgenet.appliance.backup.missing import Missing
from belgenet.appliance.backup.plan import STATE, Plan
from belgenet.appliance.backup.records import ID, Backup, Manifest
from belgenet.appliance.backup.restic import Restic
from belgenet.appliance.backup.workspace import Workspace, secret_file, workspace
from belgenet.appliance.site import SiteError, named_files, read_site
from belgenet.appliance.vault import Vault

KEEP = ("--keep-within", "8d", "--keep-weekly", "5", "--keep-monthly", "12")
KEEP_DATABASE = ("--keep-within", "1d", "--keep-daily", "8")
"""Each copy of the database's part off-site holds all of its history; older ones are for the day this server's was spoilt."""
TIDY = timedelta(days=7)
"""What is too old is given up off-site every so often."""


class Maker:
    """Everything a backup is made of.

    :param source: gives the place objects come from, once it is needed.
    """

    def __init__(
        self,
        plan: Plan,
        secrets: Mapping[str, str],
        database: Database,
        source: Callable[[], objects.Source],
        *,
        release: Path = places.CURRENT,
        folder: Path = STATE,
    ) -> None:
        self._plan = plan
        self._secrets = secrets
        self._database = database
        self._source = source
        self._release = release.resolve()
        self._folder = folder

    @classmethod
    def here(cls) -> "Maker":
        """Of this server. :raises BackupError: it is not set up."""
        plan = Plan.read()
        return cls(plan, vault_secrets(), Database(reader=plan.reader), bucket)

    def prepare(self, *, check: bool) -> tuple[list[str], list[BackupError]]:
        """Make the repositories that are missing.

        :returns: their names, and why nothing could be made elsewhere: storage elsewhere may be away while this server changes.
        :raises BackupError: no repository here can be made, or elsewhere is no elsewhere.
        """
        self._plan.require_apart()
        made = ["postgres"] if self._database.prepare(check=check) else []
        with workspace(self._plan, self._secrets, state=self._folder) as work:
            made += ["files"] if _make_missing(work.here, check=check) else []
            if not self._plan.files_offsite and not check:
                state.forget("offsite", self._folder)
                shutil.rmtree(self._plan.stage, ignore_errors=True)  # one without links stayed for the next copy
            try:
                made += ["offsite"] if work.elsewhere and _make_missing(work.elsewhere, check=check) else []
            except BackupError as error:
                return made, [error]
        return made, []

    def make(self, *, full: bool = False, point: str = "") -> Backup:
        """Make one.

        :param full: a new base backup of the database and every object afresh; otherwise what is new since the last.
        :param point: a name for the moment it is complete, to which the database alone can be put back.
        :raises BackupError: nothing was changed that a later backup would miss.
        """
        begin, now = time.monotonic(), datetime.now(UTC)
        try:
            with workspace(self._plan, self._secrets, state=self._folder) as work:
                work.here.unlock()
                made = self._make(work, now.strftime(ID), full=full)
                if full:
                    portable.keep(self._database, work.here, self._plan.major, made.id)
                if point:
                    self._database.restore_point(point)
                _forget(work.here, prune=full)
                portable.keep_release(self._plan.folder, self._release)
        except BackupError as error:
            state.failed("run", error.code, str(error), self._folder)
            raise
        seconds = time.monotonic() - begin
        state.succeeded("run", seconds, self._folder, id=made.id, label=made.label, kind=made.kind)
        return made

    def _make(self, work: Workspace, name: str, *, full: bool) -> Backup:
        least = contents.counts(self._database)
        base = self._database.backup("full" if full else "incr")
        most = contents.counts(self._database)
        index = self._objects(work, name, full=full)
        key = self._secrets[recovery_key.NAME]
        manifest = Manifest(
            id=name,
            label=base.label,
            release=self._release.name,
            major=self._plan.major,
            schema=contents.schema(self._database),
            least=least,
            most=most,
            objects={"count": len(index.kept), "bytes": index.size, "generation": index.generation},
            secrets=fingerprints(key, self._secrets),
            extra={"kind": base.kind, "database_bytes": base.size, "database_ended": base.ended.isoformat()},
        )
        made = Backup(name, base.label, base.kind, manifest.release, index.generation, "")
        snapshot = self._keep_settings(work, manifest, made.tags)
        return Backup(name, base.label, base.kind, manifest.release, index.generation, snapshot)

    def _objects(self, work: Workspace, name: str, *, full: bool) -> objects.Index:
        file = self._folder / "objects.jsonl"
        known = None if full else objects.Index.read(file)
        if known and not work.here.snapshots(objects.NAME, f"gen={known.generation}") and known.kept:
            known = None  # the repository is another one than the index speaks of
        index = objects.gather(self._source(), work.here, known or objects.Index(name, {}), self._folder, name)
        index.write(file)
        return index

    def _keep_settings(self, work: Workspace, manifest: Manifest, tags: list[str]) -> str:
        stage = work.folder / "settings"
        stage.mkdir(mode=0o700)
        (stage / "manifest.json").write_text(manifest.text(), encoding="utf-8")
        secret_file(stage / "secrets.json", json.dumps(dict(self._secrets), indent=1, sort_keys=True))
        shutil.copy(self._folder / "objects.jsonl", stage)
        for folder in self._plan.etc:
            if folder.is_dir():
                # What the host's key sealed opens here only; in the clear it stands in secrets.json.
                ignore = shutil.ignore_patterns("credentials")
                shutil.copytree(folder, stage / "etc" / folder.name, symlinks=True, ignore=ignore)
        with suppress(SiteError):
            for file in named_files(read_site(places.SITE)):
                target = stage / "named" / file.relative_to("/")
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(file, target)
        own.keep(stage / "own")
        return work.here.backup(work.folder, "settings", tags)

    def copy(self) -> bool:
        """Bring off-site what is not there yet; False: nothing is kept there. Needs no server's lock, and holds up no backup.

        :raises BackupError: the next one catches up.
        """
        if not self._plan.files_offsite:
            return False
        begin = time.monotonic()
        try:
            self._plan.require_apart()
            with workspace(self._plan, self._secrets, state=self._folder) as work:
                self._copy(work)
                state.succeeded("offsite", time.monotonic() - begin, self._folder)
                self._tidy(work)
        except BackupError as error:
            failure = BackupError("offsite_failed", reason=error)
            state.failed("offsite", failure.code, str(failure), self._folder)
            raise failure from None
        return True

    def _copy(self, work: Workspace) -> None:
        """The database's part first: a backup whose settings are off-site then finds its own there, or is not chosen.

        Right before it, new master keys for backups that are there already, as the log may lead to what is sealed under them.
        Settings last: a backup of which they are there is whole, whenever this is cut off.
        """
        if work.elsewhere is None:
            return
        work.elsewhere.unlock()
        missing = Missing(work.here, work.elsewhere)
        offsite.keep(work.elsewhere, self._plan.postgres, self._bases, self._plan.stage, missing.bring_keys)
        missing.bring_rest()
        if self._plan.offsite["type"] == "folder":
            portable.keep_release(Path(self._plan.offsite["path"]), self._release)

    def _bases(self) -> set[str]:
        return {base.label for base in self._database.info()}

    def _tidy(self, work: Workspace) -> None:
        tidied = state.read(self._folder)["offsite"].get("tidied")
        now = datetime.now(UTC)
        if work.elsewhere is None or (tidied and now - datetime.fromisoformat(tidied) < TIDY):
            return
        # Noted before it is tried: a place that lets nobody delete says so once a week, and not at each copy.
        state.succeeded("offsite", state.read(self._folder)["offsite"]["seconds"], self._folder, tidied=now.isoformat())
        _forget(work.elsewhere, prune=True)


def _forget(restic: Restic, *, prune: bool) -> None:
    """Settings of each day for a week, then weekly and monthly; objects as long as settings speak of their generation."""
    restic.forget_old("settings", *KEEP)
    restic.forget_old("dump", *KEEP)
    restic.forget_old(picture.NAME, *KEEP_DATABASE)
    alive = {Backup.of_snapshot(snapshot).objects for snapshot in restic.snapshots("settings")}
    restic.forget(*(batch["id"] for batch in restic.snapshots(objects.NAME) if _generation(batch) not in alive))
    if prune:
        restic.prune()


def _make_missing(restic: Restic, *, check: bool) -> bool:
    missing = not restic.exists()
    if missing and not check:
        restic.make()
    return missing


def vault_secrets() -> dict[str, str]:
    """All secrets of this server, by name."""
    vault = Vault(places.VAULT)
    return {name: text for name in vault.names() if (text := vault.read(name)) is not None}


def fingerprints(key: str, secrets: Mapping[str, str]) -> dict[str, str]:
    """By which secrets can be compared and not found out."""
    secret = recovery_key.derive(key, "fingerprints").encode()
    return {name: hmac.new(secret, text.encode(), hashlib.sha256).hexdigest()[:32] for name, text in secrets.items()}


def _generation(snapshot: Mapping[str, object]) -> str:
    tags = snapshot.get("tags")
    found = [tag for tag in tags if str(tag).startswith("gen=")] if isinstance(tags, list) else []
    return str(found[0]).removeprefix("gen=") if found else ""
