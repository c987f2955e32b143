"""Waitress in one process, or several processes on one socket under a small master."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from typing import Any

import structlog
import waitress

log = structlog.get_logger(__name__)
RESTART_PAUSE = 0.5
FORM_ALLOWANCE = 1024 * 1024
"""What a form may have around its file."""


def largest_body(application: Any) -> int:
    """Bytes beyond which the server refuses a request before reading it; the application's own, finer limits lie below."""
    settings = application.registry.settings["belgenet"]
    return int(max(settings.storage.max_upload_bytes, settings.app.max_body_bytes) + FORM_ALLOWANCE)


def server_options(application: Any) -> dict[str, Any]:
    """How waitress serves the application."""
    return {
        "ident": None,
        "max_request_body_size": largest_body(application),
        "channel_timeout": 60,
        "connection_limit": 500,
        "clear_untrusted_proxy_headers": True,
        # Not X-Forwarded-Host: the tenant is found by the host, and proxies pass on what strangers put there.
        "trusted_proxy": application.registry.settings["belgenet"].app.trusted_proxy,
        "trusted_proxy_headers": {"x-forwarded-for", "x-forwarded-proto"},
    }


def serve_one(application: Any, listener: socket.socket, threads: int) -> None:
    """Serve until SIGTERM; requests that have begun are finished first."""
    server = waitress.create_server(application, sockets=[listener], threads=threads, **server_options(application))

    def stop(*_: object) -> None:
        threading.Thread(target=_drain, args=(server,), daemon=True).start()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    server.run()


def end_with_parent() -> None:
    """Stop when the master is gone, however it went: a child alone would hold the port against the next start."""
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, name="parent", daemon=True).start()


def _drain(server: Any, seconds: float = 20) -> None:
    """Stop accepting, wait for running requests, then leave."""
    server.accepting = False
    server.del_channel()
    until = time.monotonic() + seconds
    while time.monotonic() < until and any(channel.requests for channel in list(server.active_channels.values())):
        time.sleep(0.05)
    server.task_dispatcher.shutdown()
    os._exit(0)


class Master:
    """Keeps ``count`` child processes on one listening socket; a child that dies is replaced."""

    def __init__(self, listener: socket.socket, count: int, command: list[str]) -> None:
        self._listener = listener
        self._count = count
        self._command = command
        self._children: list[subprocess.Popen[bytes]] = []
        self._stopping = threading.Event()

    def run(self) -> None:
        """Until SIGTERM or SIGINT."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self._stopping.set())
        self._children = [self._start() for _ in range(self._count)]
        while not self._stopping.wait(RESTART_PAUSE):
            for index, child in enumerate(self._children):
                if child.poll() is not None:
                    log.warning("web.restart", pid=child.pid, code=child.returncode)
                    self._children[index] = self._start()
        self._listener.close()
        for child in self._children:
            child.terminate()
        for child in self._children:
            child.wait(30)
        sys.exit(0)

    def _start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(self._command, stdin=self._listener.fileno())  # noqa: S603 - our own command
