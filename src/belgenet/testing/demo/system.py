"""The demo system: which servers and processes it has, in which order they start, when it is ready."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import NullPool, create_engine

from belgenet.core.db.migrate import alembic_config
from belgenet.testing.demo.environment import BUCKET, DATABASE, demo_environment
from belgenet.testing.demo.state import DemoState
from belgenet.testing.demo.supervisor import Supervisor, Unit
from belgenet.testing.servers import MailSink, ManagedProcess, PostgresServer, RedisServer, S3Server, ServerError
from belgenet.testing.servers.ports import LOOPBACK, listening

_PYTHON = sys.executable
_WEB_PROCESSES = 2
_READY_TIMEOUT = 90.0
_COMMAND_TIMEOUT = 300
_SAY_EVERY = 15.0
_POLL = 0.2


@dataclass
class DemoSystem:
    """Everything that runs, on one folder.

    :param folder: data and logs.
    :param say: prints a progress line.
    :param overrides: further ``BELGENET_*`` variables of its processes.
    """

    folder: Path
    say: Callable[[str], None]
    overrides: dict[str, str] = field(default_factory=dict)
    state: DemoState = field(init=False)
    environment: dict[str, str] = field(init=False, default_factory=dict)
    supervisor: Supervisor = field(init=False)
    _site: socket.socket | None = field(init=False, default=None)
    """The sites' listening socket: held from the first moment, so that no other server gets its port while ours starts."""

    def __post_init__(self) -> None:
        self.state = DemoState.load(self.folder)
        self.supervisor = Supervisor(self.say)
        self.postgres = PostgresServer(self.folder / "postgres", port=self.state.ports.get("postgres"))
        self.redis = RedisServer(self.folder / "redis", port=self.state.ports.get("redis"))
        self.s3 = S3Server(self.folder / "s3")
        self.mail = MailSink(self.folder / "mail", smtp_port=self.state.port("smtp"), http_port=self.state.port("mail"))

    def start(self) -> None:
        """Start everything and return when a visitor would be served.

        :raises ServerError: when a part does not start; `stop` is still needed.
        """
        self._site = listening(self.state.port("web"))
        self.state.ports["web"] = self._site.getsockname()[1]
        self._start_servers()
        self._prepare()
        self._start_application(self._site)
        self.state.save(self.folder)

    def stop(self) -> None:
        """Stop everything in reverse order."""
        self.supervisor.stop()
        if self._site is not None:
            self._site.close()

    # --- servers -----------------------------------------------------------------------------------------------

    def _start_servers(self) -> None:
        self.state.port("psp")
        for unit, title in (
            (_server_unit("postgres", self.postgres), "PostgreSQL"),
            (_server_unit("redis", self.redis), "Redis"),
            (_server_unit("s3", self.s3), "the S3 server (SeaweedFS)"),
            (_server_unit("mail", self.mail), "the sink for e-mails and SMS"),
            (self._psp(), "the test payment provider"),
        ):
            self.say(f"starting {title} ...")
            self.supervisor.start(unit)
        self.state.ports |= {"postgres": self.postgres.port or 0, "redis": self.redis.port or 0}
        self.state.save(self.folder)

    def _psp(self) -> Unit:
        secrets, port = self.state.secrets, self.state.ports["psp"]
        command = [_PYTHON, "-m", "belgenet.testing.psp", "--port", str(port), "--state", str(self.folder / "psp")]
        for option in ("iyzico-key", "iyzico-secret", "stripe-key", "stripe-webhook-secret"):
            command += [f"--{option}", secrets[option.replace("-", "_")]]
        (self.folder / "psp").mkdir(parents=True, exist_ok=True)
        process = self._process("psp", command, {"BELGENET_APP_ENVIRONMENT": "development"})
        return Unit.of_process(process, lambda: _answers(f"{self.psp_url}/_control/health"))

    @property
    def psp_url(self) -> str:
        """Address of the test payment provider."""
        return f"http://{LOOPBACK}:{self.state.ports['psp']}"

    # --- database, bucket, data --------------------------------------------------------------------------------

    def _prepare(self) -> None:
        database = self.postgres.create_database(DATABASE)
        metrics = self.folder / "metrics"
        shutil.rmtree(metrics, ignore_errors=True)
        metrics.mkdir(parents=True)
        self.environment = demo_environment(self.state, database, self.redis, self.s3, self.mail, self.folder)
        self.environment |= self.overrides
        client = self.s3.client()
        if not client.bucket_exists(bucket_name=BUCKET):
            client.make_bucket(bucket_name=BUCKET)
        if not is_current(database.owner_url):
            self.say("migrating the database ...")
            self._command("migrate", [_PYTHON, "-m", "belgenet.cli", "migrate"])
        if not self.state.data_loaded:
            self.say("loading the demo data ...")
            printed = self._command("data", [_PYTHON, "-m", "belgenet.testing.demo.accounts"])
            self.state.accounts = json.loads(printed.splitlines()[-1])
            self.state.data_loaded = bool(self.state.accounts)

    def _command(self, name: str, command: list[str]) -> str:
        """Run a step to its end; its errors go to a log and, when it fails, into the message."""
        log = self.folder / "log" / f"{name}.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("w+") as errors:
            done = subprocess.run(
                command,
                env=os.environ | self.environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                timeout=_COMMAND_TIMEOUT,
                check=False,
            )
        if done.returncode != 0:
            raise ServerError(f"{' '.join(command[1:])} failed:\n{log.read_text()[-3000:]}{done.stdout[-500:]}")
        return done.stdout

    # --- our own processes -------------------------------------------------------------------------------------

    @property
    def web_url(self) -> str:
        """Address of the web server, whatever the host name."""
        return f"http://{LOOPBACK}:{self.state.ports['web']}"

    def _start_application(self, site: socket.socket) -> None:
        self.say("starting web, worker, beat and relay ...")
        cli = [_PYTHON, "-m", "belgenet.cli"]
        for name in ("relay", "beat", "worker"):
            self.supervisor.start(Unit.of_process(self._process(name, [*cli, name])))
        serve = [*cli, "serve", "--fd", str(site.fileno()), "--processes", str(_WEB_PROCESSES)]
        self.supervisor.start(Unit.of_process(self._process("web", serve, sockets=[site.fileno()])))
        self._wait_for_health()

    def _process(
        self, name: str, command: list[str], environment: dict[str, str] | None = None, sockets: Sequence[int] = ()
    ) -> ManagedProcess:
        log = self.folder / "log" / f"{name}.log"
        return ManagedProcess(name, command, log=log, env=environment or self.environment, sockets=sockets)

    def _wait_for_health(self) -> None:
        """Wait until every part answers; a process that dies meanwhile ends the waiting with its log."""
        begin = time.monotonic()
        said = 0
        while missing := self._missing():
            for unit in self.supervisor.units():
                process = unit.process()
                if process is not None and not process.alive:
                    raise ServerError(f"{unit.name} ended while starting:\n{process.log_tail()}")
            waited = time.monotonic() - begin
            if waited > _READY_TIMEOUT:
                raise ServerError(f"not ready after {waited:.0f} s: {missing}; see {self.folder / 'log'}")
            if waited > (said + 1) * _SAY_EVERY:
                said += 1
                self.say(f"still waiting: {missing}")
            time.sleep(_POLL)

    def _missing(self) -> str:
        """Name what is not ready yet, empty when everything is."""
        try:
            answer = httpx.get(f"{self.web_url}/health/detailed", timeout=5, trust_env=False)
        except httpx.HTTPError as error:
            return f"web does not answer ({type(error).__name__})"
        if answer.status_code == httpx.codes.OK:
            return ""
        try:
            checks: dict[str, dict[str, str]] = answer.json()["checks"]
        except (ValueError, KeyError):
            return f"web answers with status {answer.status_code}"
        failed = (f"{name} ({check.get('error', '')})" for name, check in checks.items() if check["status"] != "ok")
        return ", ".join(failed)


def is_current(owner_url: str) -> bool:
    """Whether the database already stands at the newest migration; saves the migration's start-up."""
    heads = set(ScriptDirectory.from_config(alembic_config(owner_url)).get_heads())
    engine = create_engine(owner_url, poolclass=NullPool)
    with engine.connect() as connection:
        return set(MigrationContext.configure(connection).get_current_heads()) == heads


def _server_unit(name: str, server: PostgresServer | RedisServer | S3Server | MailSink) -> Unit:
    return Unit(name, server.start, server.stop, lambda: server.process)


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=5, trust_env=False).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False
