"""A Redis server on loopback with a generated password."""

import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import redis

from belgenet.testing.servers.ports import LOOPBACK, free_port
from belgenet.testing.servers.process import ManagedProcess
from belgenet.testing.servers.redis_binaries import find_redis

DATABASES = 64
_START_TIMEOUT = 20.0


@dataclass(frozen=True)
class RedisAddress:
    """Where a Redis server listens on loopback."""

    port: int
    password: str

    @property
    def url(self) -> str:
        """URL of database 0."""
        return self.database_url(0)

    def database_url(self, number: int) -> str:
        """URL of database `number` (0 to 63)."""
        return f"redis://:{self.password}@{LOOPBACK}:{self.port}/{number}"


class RedisServer:
    """Redis with its data in `folder`.

    :param durable: keep an append-only file (synced every second); False keeps everything in memory.
    """

    name = "redis"

    def __init__(
        self, folder: Path, *, port: int | None = None, durable: bool = True, program: str | None = None
    ) -> None:
        self.folder = folder
        self.port = port
        self.durable = durable
        self.program = program
        self.process: ManagedProcess | None = None
        self._password = ""

    @property
    def address(self) -> RedisAddress:
        """Port and password, for another process."""
        return RedisAddress(self.port or 0, self._password)

    @property
    def url(self) -> str:
        """URL of database 0."""
        return self.address.url

    def database_url(self, number: int) -> str:
        """URL of database `number` (0 to 63)."""
        return self.address.database_url(number)

    def start(self) -> None:
        """Start the server and wait for its PONG.

        :raises ServerError: when it cannot be started.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        self.port = free_port(self.port)
        secret = self.folder / "password"
        if not secret.exists():
            secret.touch(mode=0o600)
            secret.write_text(secrets.token_hex(20))
        self._password = secret.read_text()
        settings = self.folder / "redis.conf"
        settings.touch(mode=0o600)
        settings.write_text(self._settings())
        program = self.program or find_redis()
        self.process = ManagedProcess(
            "redis", [program, str(settings.resolve())], log=self.folder / "redis.log", cwd=self.folder
        )
        self.process.start()
        self.process.wait_ready(self._answers, _START_TIMEOUT)

    def stop(self) -> None:
        """Stop the server; a durable one writes its file first."""
        if self.process is not None:
            self.process.stop()
            self.process = None

    def _settings(self) -> str:
        lines = [
            f"bind {LOOPBACK}",
            f"port {self.port}",
            f"requirepass {self._password}",
            f"databases {DATABASES}",
            f"appendonly {'yes' if self.durable else 'no'}",
            'save ""',
            "maxmemory-policy noeviction",
        ]
        return "\n".join(lines) + "\n"

    def _answers(self) -> bool:
        with redis.Redis.from_url(self.url, socket_timeout=2) as client:
            try:
                return bool(client.ping())
            except redis.RedisError:
                return False

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
