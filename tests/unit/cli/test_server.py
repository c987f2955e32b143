"""Whom the server believes about the peer's address, and several processes on one socket."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import psutil
import pytest
from tests.common.system import wait_until
from tests.common.waitress_server import waitress_server

from belgenet.cli.server import server_options

SPOOFED = {
    "X-Forwarded-For": "198.51.100.9, 203.0.113.5",
    "X-Forwarded-Host": "evil.example",
    "X-Forwarded-Proto": "https",
}


class Echo:
    """Answers with what the server made of the request."""

    def __init__(self, trusted_proxy: str) -> None:
        storage, app = (
            SimpleNamespace(max_upload_bytes=1),
            SimpleNamespace(max_body_bytes=1, trusted_proxy=trusted_proxy),
        )
        self.registry = SimpleNamespace(settings={"belgenet": SimpleNamespace(storage=storage, app=app)})

    def __call__(self, environ: dict[str, Any], start_response: Any) -> list[bytes]:
        start_response("200 OK", [("Content-Type", "application/json")])
        names = ("REMOTE_ADDR", "HTTP_HOST", "wsgi.url_scheme")
        return [json.dumps({name: environ[name] for name in names}).encode()]


@pytest.fixture
def ask(request: pytest.FixtureRequest) -> Iterator[Any]:
    application = Echo(request.param)

    def get(headers: dict[str, str]) -> dict[str, str]:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        connection.request("GET", "/", headers={"Host": "vakif.localhost", **headers})
        seen: dict[str, str] = json.loads(connection.getresponse().read())
        connection.close()
        return seen

    with waitress_server(application, threads=1, **server_options(application)) as port:
        yield get


@pytest.mark.parametrize("ask", ["127.0.0.1"], indirect=True)
def test_the_proxys_own_word_counts_and_nobody_elses(ask: Any) -> None:
    """A proxy appends the peer it sees; what stood there before came from the peer."""
    assert ask(SPOOFED) == {"REMOTE_ADDR": "203.0.113.5", "HTTP_HOST": "vakif.localhost", "wsgi.url_scheme": "https"}


@pytest.mark.parametrize("ask", ["192.0.2.1"], indirect=True)
def test_a_peer_that_is_not_the_proxy_speaks_for_itself_only(ask: Any) -> None:
    assert ask(SPOOFED) == {"REMOTE_ADDR": "127.0.0.1", "HTTP_HOST": "vakif.localhost", "wsgi.url_scheme": "http"}


SEVERAL = """
import os, socket, sys, time
from types import SimpleNamespace
from belgenet.cli.server import Master

loaded_in = os.getpid()

def application(environ, start_response):
    if environ["PATH_INFO"] == "/slow":
        time.sleep(0.3)
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [f"{loaded_in} {os.getpid()} ".encode() + environ["PATH_INFO"].encode() * 100_000]

settings = SimpleNamespace(
    storage=SimpleNamespace(max_upload_bytes=1), app=SimpleNamespace(max_body_bytes=1, trusted_proxy="127.0.0.1")
)
application.registry = SimpleNamespace(settings={"belgenet": settings})
Master(application, socket.socket(fileno=int(sys.argv[1])), 2, 4).run()
"""


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """Held by us, as systemd holds a server's socket."""
    with socket.create_server(("127.0.0.1", 0), backlog=1024) as held:
        yield held


@contextmanager
def _master(listener: socket.socket) -> Iterator[subprocess.Popen[bytes]]:
    number = listener.fileno()
    with subprocess.Popen([sys.executable, "-c", SEVERAL, str(number)], pass_fds=[number]) as master:
        try:
            yield master
        finally:
            master.kill()


@pytest.fixture
def several(listener: socket.socket) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    with _master(listener) as master:
        yield master, listener.getsockname()[1]


def _pids(port: int) -> tuple[int, int]:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=10) as answer:
        loaded_in, served_by, _ = answer.read().split()
    return int(loaded_in), int(served_by)


def test_children_share_what_the_master_loaded_and_are_replaced(several: tuple[subprocess.Popen[bytes], int]) -> None:
    master, port = several
    loaded_in, served_by = _pids(port)
    assert loaded_in == master.pid != served_by
    wait_until(lambda: len(psutil.Process(master.pid).children()) == 2)
    os.kill(served_by, signal.SIGKILL)
    wait_until(lambda: served_by not in {child.pid for child in psutil.Process(master.pid).children()})
    wait_until(lambda: len(psutil.Process(master.pid).children()) == 2)
    assert _pids(port)[0] == master.pid


def test_the_masters_end_is_the_childrens(several: tuple[subprocess.Popen[bytes], int]) -> None:
    master, port = several
    _pids(port)
    children = psutil.Process(master.pid).children()
    master.terminate()
    assert master.wait(20) == 0
    assert psutil.wait_procs(children, 10)[1] == []


def test_children_of_a_killed_master_end(several: tuple[subprocess.Popen[bytes], int]) -> None:
    master, port = several
    _pids(port)
    children = psutil.Process(master.pid).children()
    master.kill()
    assert psutil.wait_procs(children, 20)[1] == []


def test_a_child_whose_master_died_before_it_looked_ends_too() -> None:
    code = "import signal; from belgenet.cli.server import end_with_parent; end_with_parent(2**22 + 1); signal.pause()"
    assert subprocess.run([sys.executable, "-c", code], timeout=20, check=False).returncode == -signal.SIGTERM


def test_four_restarts_under_load_fail_nobody(listener: socket.socket) -> None:
    """Who is being served is served to the end; who comes meanwhile waits for the next process in the socket's queue."""
    port, done, answered = listener.getsockname()[1], threading.Event(), [0, 0]

    def visit(path: str) -> None:
        while not done.is_set():
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=30) as answer:
                body = answer.read()
            assert body.endswith(path.encode() * 100_000)
            answered[path == "/slow"] += 1

    with ThreadPoolExecutor(6) as pool:
        visitors = [pool.submit(visit, path) for path in ("/", "/", "/", "/slow", "/slow", "/slow")]
        try:
            for _ in range(4):
                with _master(listener) as master:
                    already = sum(answered)
                    wait_until(lambda already=already: sum(answered) > already + 20)  # type: ignore[misc]
                    master.terminate()
                    assert master.wait(25) == 0
            with _master(listener) as master:
                done.set()
                for visitor in visitors:
                    visitor.result(30)
        finally:
            done.set()
    assert min(answered) > 10
