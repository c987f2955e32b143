"""A PostgreSQL server of our own on loopback, or the one named by ``BELGENET_DATABASE_SERVER_URL``."""

import os
import secrets
import shutil
import signal
import subprocess
from pathlib import Path
from typing import Self

import psycopg

from belgenet.testing.servers import roles
from belgenet.testing.servers.ports import LOOPBACK, free_port
from belgenet.testing.servers.postgres_binaries import MINIMUM_MAJOR, PostgresBinaries, find_binaries
from belgenet.testing.servers.process import ManagedProcess, ServerError
from belgenet.testing.servers.unprivileged import Unprivileged, unprivileged

SERVER_URL_VARIABLE = "BELGENET_DATABASE_SERVER_URL"
"""Superuser's URL (``postgresql://user:password@host:port/postgres``) on a server that we do not start."""

_SUPERUSER = "postgres"
_START_TIMEOUT = 60.0
_FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "autovacuum_naptime=10min")
_COMMON = (
    f"listen_addresses={LOOPBACK}",
    "unix_socket_directories=",
    "max_connections=200",
    "shared_buffers=64MB",
    "timezone=UTC",
    "log_timezone=UTC",
)


class PostgresServer:
    """A cluster in `folder`; lookup order: configured URL, distribution's programs, embedded ones.

    :param folder: where the cluster and its log live; kept between starts.
    :param port: TCP port; a free one by default.
    :param durable: False trades crash safety for speed (tests).
    :param binaries: the programs to use instead of those `find_binaries` finds.
    """

    name = "postgres"

    def __init__(
        self,
        folder: Path,
        *,
        port: int | None = None,
        durable: bool = True,
        binaries: PostgresBinaries | None = None,
    ) -> None:
        self.folder = folder
        self.port = port
        self.durable = durable
        self.binaries = binaries
        self.process: ManagedProcess | None = None
        self._url = ""
        self.server = roles.DatabaseServer("", {})

    @property
    def url(self) -> str:
        """libpq URL of the superuser (database ``postgres``)."""
        return self._url

    def start(self) -> None:
        """Start the server when it is ours, wait until it answers and create the roles.

        :raises ServerError: when it cannot be started, is too old or has no ICU collations.
        """
        configured = os.environ.get(SERVER_URL_VARIABLE)
        if configured:
            self._url = configured
        else:
            self._start_own()
        self._check()
        self.server = roles.DatabaseServer(self._url, roles.role_passwords(self._url_without_port()))
        roles.create_roles(self._url, self.server.passwords)

    def stop(self) -> None:
        """Stop our server (fast shutdown); a configured one is left alone."""
        if self.process is not None:
            self.process.stop()
            self.process = None

    def create_database(self, name: str, *, template: str | None = None) -> roles.DatabaseCredentials:
        """Create database `name` unless it exists and return its URLs per role."""
        return self.server.create_database(name, template=template)

    def drop_database(self, name: str) -> None:
        """Drop a database, ending its connections."""
        self.server.drop_database(name)

    def _url_without_port(self) -> str:
        """Our own server may get another port at the next start; the passwords must not change with it."""
        return self._url if self.process is None else self._password()

    def _start_own(self) -> None:
        user = unprivileged()
        home = user.reachable(self.folder)
        binaries = _reachable_binaries(self.binaries or find_binaries(), user)
        self.port = free_port(self.port)
        self.folder.mkdir(parents=True, exist_ok=True)
        home.mkdir(parents=True, exist_ok=True)
        user.own(home)
        cluster = home / "cluster"
        if not (cluster / "PG_VERSION").exists():
            self._initdb(cluster, binaries, user)
        options = [*_COMMON, f"port={self.port}", *(() if self.durable else _FAST)]
        self.process = ManagedProcess(
            "postgres",
            [binaries.postgres, "-D", str(cluster), *(word for option in options for word in ("-c", option))],
            log=self.folder / "postgres.log",
            env={"LC_ALL": "C.UTF-8"},
            cwd=home,
            prefix=user.prefix,
            stop_signal=signal.SIGINT,
        )
        self.process.start()
        self._url = f"postgresql://{_SUPERUSER}:{self._password()}@{LOOPBACK}:{self.port}/postgres"
        self.process.wait_ready(self._answers, _START_TIMEOUT)

    def _password(self) -> str:
        return (self.folder / "superuser-password").read_text().strip()

    def _initdb(self, cluster: Path, binaries: PostgresBinaries, user: Unprivileged) -> None:
        shutil.rmtree(cluster, ignore_errors=True)
        secret = self.folder / "superuser-password"
        secret.touch(mode=0o600)
        secret.write_text(secrets.token_hex(20))
        handover = cluster.with_name("initdb-password")
        handover.touch(mode=0o600)
        handover.write_text(self._password())
        user.own(handover)
        command = [
            *user.prefix,
            binaries.initdb,
            "-D",
            str(cluster),
            "-U",
            _SUPERUSER,
            "-E",
            "UTF8",
            "--no-sync",
        ]
        command += ["--locale=C.UTF-8", "--auth=scram-sha-256", f"--pwfile={handover}", "--no-instructions"]
        environment = {**os.environ, "LC_ALL": "C.UTF-8"}
        done = subprocess.run(command, cwd=cluster.parent, env=environment, capture_output=True, text=True, check=False)
        handover.unlink()
        if done.returncode != 0:
            shutil.rmtree(cluster, ignore_errors=True)
            raise ServerError(f"initdb failed: {done.stderr.strip()[-1500:]}")

    def _answers(self) -> bool:
        try:
            psycopg.connect(self._url, connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def _check(self) -> None:
        try:
            with psycopg.connect(self._url, connect_timeout=10) as connection:
                major = connection.info.server_version // 10_000
                icu = connection.execute("select 1 from pg_collation where collname = 'tr-x-icu'").fetchone()
        except psycopg.OperationalError as error:
            raise ServerError(f"{SERVER_URL_VARIABLE}: {error}".strip()) from error
        if major < MINIMUM_MAJOR:
            raise ServerError(f"PostgreSQL {major} is too old, {MINIMUM_MAJOR} or newer is needed")
        if not icu:
            raise ServerError("this PostgreSQL was built without ICU (no collation tr-x-icu)")

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def _reachable_binaries(binaries: PostgresBinaries, user: Unprivileged) -> PostgresBinaries:
    """Copy an embedded build to where the server's user can read it (a clone below ``/root``)."""
    source = binaries.folder.parent
    target = user.reachable(source)
    if target != source and not target.exists():
        shutil.copytree(source, target, symlinks=True)
    return PostgresBinaries(target / binaries.folder.name, binaries.origin) if target != source else binaries
