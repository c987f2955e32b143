"""One process that keeps servers for several test processes: each is started when the first one asks for it.

``python -m belgenet.testing.servers.keeper FOLDER`` listens on ``FOLDER/keeper.sock``. A request is one line
of JSON (``{"start": "postgres"}``), the answer too: the address or ``{"error": "..."}``. The keeper
stops everything and removes its folder when it is told to end or when the process that started it dies.
"""

import argparse
import dataclasses
import json
import shutil
import signal
import socket
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Protocol

from belgenet.testing.servers.mailsink import MailSink
from belgenet.testing.servers.postgres import PostgresServer
from belgenet.testing.servers.process import ManagedProcess, ServerError
from belgenet.testing.servers.redis import RedisServer
from belgenet.testing.servers.s3 import S3Server

SOCKET = "keeper.sock"
_ANSWER_TIMEOUT = 120.0
_START_TIMEOUT = 30.0
_POLL = 0.02


class _Server(Protocol):
    def start(self) -> None: ...

    def stop(self) -> None: ...


def ask(folder: Path, server: str) -> dict[str, Any]:
    """Return the address of `server` (``postgres``, ``redis``, ``s3``, ``mail-NAME``), started when needed.

    :raises ServerError: when the keeper could not start it.
    """
    deadline = time.monotonic() + _START_TIMEOUT
    while not (folder / SOCKET).exists():
        if time.monotonic() > deadline:
            raise ServerError(f"the keeper in {folder} did not start, see its keeper.log")
        time.sleep(_POLL)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(_ANSWER_TIMEOUT)
        connection.connect(str(folder / SOCKET))
        connection.sendall(json.dumps({"start": server}).encode() + b"\n")
        with connection.makefile("rb") as lines:
            answer: dict[str, Any] = json.loads(lines.readline())
    if "error" in answer:
        raise ServerError(answer["error"])
    return answer


def keeper_process(folder: Path) -> ManagedProcess:
    """Start a keeper for `folder`; it gets ready while the caller goes on, `ask` waits for it."""
    folder.chmod(0o711)
    process = ManagedProcess(
        "keeper",
        [sys.executable, "-m", "belgenet.testing.servers.keeper", str(folder)],
        log=folder / "keeper.log",
        stop_timeout=40.0,
    )
    process.start()
    return process


class Keeper:
    """The servers started so far and how to start one."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.stack = ExitStack()
        self.addresses: dict[str, dict[str, Any]] = {}

    def address(self, name: str) -> dict[str, Any]:
        """Return the address of a server, starting it the first time."""
        if name not in self.addresses:
            self.addresses[name] = self._start(name)
        return self.addresses[name]

    def _start(self, name: str) -> dict[str, Any]:
        starters: dict[str, Callable[[Path], dict[str, Any]]] = {
            "postgres": self._postgres,
            "redis": self._redis,
            "s3": self._s3,
            "mail": self._mail,
        }
        kind = name.partition("-")[0]
        if kind not in starters:
            raise ServerError(f"unknown server {name!r}")
        return starters[kind](self.folder / name)

    def _run(self, server: _Server) -> None:
        server.start()
        self.stack.callback(server.stop)

    def _postgres(self, folder: Path) -> dict[str, Any]:
        self._run(postgres := PostgresServer(folder, durable=False))
        return dataclasses.asdict(postgres.server)

    def _redis(self, folder: Path) -> dict[str, Any]:
        self._run(redis := RedisServer(folder, durable=False))
        return dataclasses.asdict(redis.address)

    def _s3(self, folder: Path) -> dict[str, Any]:
        self._run(s3 := S3Server(folder))
        return dataclasses.asdict(s3.address)

    def _mail(self, folder: Path) -> dict[str, Any]:
        self._run(mail := MailSink(folder))
        return {"folder": str(folder), "smtp_port": mail.smtp_port, "http_port": mail.http_port}

    def serve(self) -> None:
        """Answer requests, one at a time, for ever."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
            draft = self.folder / f"{SOCKET}.draft"
            listener.bind(str(draft))
            listener.listen(64)
            draft.rename(self.folder / SOCKET)
            while True:
                connection, _ = listener.accept()
                with connection, connection.makefile("rwb") as lines:
                    lines.write(json.dumps(self._answer(lines.readline())).encode() + b"\n")

    def _answer(self, request: bytes) -> dict[str, Any]:
        try:
            return self.address(json.loads(request)["start"])
        except (ServerError, OSError, ValueError, KeyError) as error:
            return {"error": f"{type(error).__name__}: {error}"}


def main() -> int:
    """Serve until SIGTERM, then stop the servers and remove the folder."""
    parser = argparse.ArgumentParser(description="Keeps servers for several test processes")
    parser.add_argument("folder", type=Path)
    keeper = Keeper(parser.parse_args().folder)

    def leave(*_: object) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        raise SystemExit(0)

    signal.signal(signal.SIGTERM, leave)
    try:
        keeper.serve()
    finally:
        keeper.stack.close()
        shutil.rmtree(keeper.folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
