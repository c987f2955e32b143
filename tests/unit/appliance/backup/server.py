"""A small institution with a real database, real repositories and objects in a folder, for tests of backups."""

import hashlib
import os
import pwd
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from belgenet.appliance import recovery_key
from belgenet.appliance.backup import BackupError
from belgenet.appliance.backup.database import Database
from belgenet.appliance.backup.drill import Drill
from belgenet.appliance.backup.make import Maker
from belgenet.appliance.backup.objects import Listed
from belgenet.appliance.backup.plan import Plan
from belgenet.appliance.backup.restic import Restic
from belgenet.appliance.backup.verify import verify
from belgenet.appliance.backup.workspace import Workspace, workspace
from belgenet.core.security.keyring import Keyring
from belgenet.core.signing.secretbox import SecretBox

TENANT = "0192f7a0-0000-7000-8000-000000000001"
MASTER = "k1:" + "QUFB" * 10 + "QUE="
SCHEMA = f"""
set search_path = public;
create role belgenet_app; create role belgenet_platform; create role belgenet_relay;
create table alembic_version (version_num text primary key); insert into alembic_version values ('0008');
create table orders (id int primary key, name text);
create table lines (id int primary key, order_id int references orders (id));
create table signing_keys (tenant_id uuid, kid text, secret text);
create table sessions (id int); grant select, insert, delete on sessions to belgenet_app;
insert into orders select n, 'order ' || n from generate_series(1, 500) n;
insert into lines select n, n from generate_series(1, 500) n;
insert into signing_keys values ('{TENANT}', 'pdf1', :'sealed'), ('{TENANT}', 'gone', null);
"""
PROGRAMS = ("pgbackrest", "restic")


def binaries() -> Path | None:
    """The distribution's PostgreSQL, newest first; pgBackRest of the distribution knows it."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda file: int(file.parts[4]))
    return found[-1].parent if found else None


def missing() -> list[str]:
    """What this computer lacks for these tests."""
    lacking = [name for name in PROGRAMS if not shutil.which(name)]
    return lacking if binaries() else [*lacking, "postgresql"]


class Folder:
    """Objects in memory, as a source; ``fetched`` are the keys that were asked for."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.fetched: list[str] = []
        self.answers = True

    def list(self) -> Iterable[Listed]:
        """All of them."""
        if not self.answers:
            raise BackupError("objects_unreachable", said="connection refused")
        for key, data in self.objects.items():
            yield Listed(key, len(data), hashlib.md5(data, usedforsecurity=False).hexdigest())

    def fetch(self, key: str, file: Path) -> tuple[str, str] | None:
        """One of them."""
        self.fetched.append(key)
        if key not in self.objects:
            return None
        file.write_bytes(self.objects[key])
        return hashlib.sha256(self.objects[key]).hexdigest(), "application/pdf"


class Institution:
    """:param folder: readable by the user ``postgres``."""

    def __init__(self, folder: Path) -> None:
        bin_ = binaries()
        assert bin_ is not None
        self.folder = folder
        self.owner = "postgres" if os.geteuid() == 0 else ""
        self.secrets = {recovery_key.NAME: recovery_key.make(), "security.master_keys": MASTER}
        self.source = Folder()
        self.state = folder / "state"
        self.plan = Plan(folder / "backups", int(bin_.parent.name), etc=(folder / "etc",))
        self.release = folder / "releases" / "1.2.3"
        self._bin = bin_
        config = [f"--config={folder}/pgbackrest.conf", f"--config-include-path={folder}/conf.d"]
        self.database = Database(["-h", str(folder / "run"), "-p", "6511"], config, user=self.owner)

    def found(self) -> None:
        """Start it."""
        for name in ("etc/credentials/vault", "state", "releases/1.2.3/bundle", "backups/files", "memory"):
            (self.folder / name).mkdir(parents=True)
        for name in ("run", "backups/postgres", "scratch", "conf.d"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
            self.give(self.folder / name)
        (self.folder / "etc/belgenet.ini").write_text("[app:main]\n")
        (self.folder / "etc/credentials/vault/sealed").write_text("opens on this host only")
        (self.release / "bundle/install.sh").write_text("#!/bin/sh\n")
        self.give(self.folder)
        self.configure()
        self.run(str(self._bin / "initdb"), "-D", str(self.folder / "data"), "-A", "trust", "--data-checksums", "-N")
        archive = f"pgbackrest --config={self.folder}/pgbackrest.conf --config-include-path={self.folder}/conf.d"
        self.run(
            "tee",
            "-a",
            str(self.folder / "data/postgresql.conf"),
            given=_POSTGRES.format(folder=self.folder, archive=archive),
        )
        self.control("start")
        self.run("createdb", "-h", str(self.folder / "run"), "-p", "6511", "belgenet")
        sealed = SecretBox(Keyring.of_masters(MASTER)).seal(b"private key", f"{TENANT}/pdf1")
        self.database.ask(SCHEMA, sealed=sealed)

    def configure(self, *, key: str = "") -> None:
        """Write pgBackRest's configuration."""
        text = _PGBACKREST.format(folder=self.folder)
        passphrase = recovery_key.derive(key or self.secrets[recovery_key.NAME], recovery_key.DATABASE)
        keys = f"[global]\nrepo1-cipher-pass={passphrase}\n"
        (self.folder / "pgbackrest.conf").write_text(text)
        (self.folder / "conf.d/key.conf").write_text(keys)
        for name in ("pgbackrest.conf", "conf.d/key.conf"):
            (self.folder / name).chmod(0o644)

    def end(self) -> None:
        """Stop it."""
        self.control("stop", "-m", "immediate")

    def control(self, *words: str) -> None:
        """pg_ctl."""
        self.run(
            str(self._bin / "pg_ctl"),
            "-s",
            "-w",
            "-D",
            str(self.folder / "data"),
            "-l",
            str(self.folder / "run/log"),
            *words,
        )

    def run(self, *words: str, given: str = "") -> str:
        """Run something as the cluster's owner."""
        return self.database.as_owner(*words, given=given)

    def give(self, place: Path) -> None:
        """To the cluster's owner."""
        if self.owner:
            entry = pwd.getpwnam(self.owner)
            os.chown(place, entry.pw_uid, entry.pw_gid)

    @property
    def maker(self) -> Maker:
        """Makes backups of it."""
        return Maker(
            self.plan, self.secrets, self.database, lambda: self.source, release=self.release, folder=self.state
        )

    @property
    def drill(self) -> Drill:
        """Restores them."""
        return Drill(self.plan, self.secrets, self.database, scratch=self.folder / "scratch", folder=self.state)

    def work(self) -> AbstractContextManager[Workspace]:
        """Its repositories."""
        return workspace(self.plan, self.secrets, state=self.state, memory=self.folder / "memory")

    @contextmanager
    def elsewhere(self) -> Iterator[Restic]:
        """Its repository elsewhere."""
        with self.work() as work:
            assert work.elsewhere is not None
            yield work.elsewhere

    def findings(self) -> set[str]:
        """What ``backup verify`` says."""
        return {finding.code for finding in verify(self.plan, self.secrets, self.database, folder=self.state)}

    def copy_of_backups(self) -> Path:
        """Keeps the repositories aside, to be put back after they were damaged."""
        target = self.folder / "aside"
        subprocess.run(["cp", "-a", str(self.plan.folder), str(target)], check=True)
        return target

    def put_back(self, aside: Path) -> None:
        """As they were."""
        subprocess.run(["rm", "-rf", str(self.plan.folder)], check=True)
        aside.rename(self.plan.folder)


_PGBACKREST = """[global]
repo1-path={folder}/backups/postgres
repo1-cipher-type=aes-256-cbc
repo1-retention-full=5
repo1-bundle=y
start-fast=y
compress-type=zst
log-level-console=warn
log-level-file=off
lock-path={folder}/run/lock
[belgenet]
pg1-path={folder}/data
pg1-socket-path={folder}/run
pg1-port=6511
"""
_POSTGRES = """
listen_addresses = ''
unix_socket_directories = '{folder}/run'
port = 6511
fsync = off
archive_mode = on
archive_command = '{archive} --stanza=belgenet archive-push %p'
"""
