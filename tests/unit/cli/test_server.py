"""Whom the server believes about the peer's address, and several processes on one socket."""

import base64
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
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

from belgenet.cli.server import DRAIN_SECONDS, Master, server_options
from belgenet.testing.servers.ports import is_free

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
listener = socket.socket(fileno=int(sys.argv[1])) if sys.argv[1:] else socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
Master(application, listener, 2, 4).run()
"""


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """Held by us, as systemd holds a server's socket."""
    with socket.create_server(("127.0.0.1", 0), backlog=1024) as held:
        yield held


@contextmanager
def _master(listener: socket.socket) -> Iterator[subprocess.Popen[bytes]]:
    number = listener.fileno()
    command = [sys.executable, "-c", SEVERAL, str(number)]
    with subprocess.Popen(command, pass_fds=[number], stdout=subprocess.DEVNULL) as master:
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


@pytest.mark.parametrize("keeping", [False, True], ids=["a connection each", "kept connections"])
def test_four_restarts_under_load_fail_nobody(listener: socket.socket, keeping: bool) -> None:
    """Who is being served is served to the end; who comes meanwhile waits for the next process in the socket's queue."""
    port, done, answered = listener.getsockname()[1], threading.Event(), [0, 0]

    def visit(path: str) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        while not done.is_set():
            connection.request("GET", path)  # connects again after an answer that closed
            assert connection.getresponse().read().endswith(path.encode() * 100_000)
            answered[path == "/slow"] += 1
            if not keeping:
                connection.close()
        connection.close()

    with ThreadPoolExecutor(6) as pool:
        visitors = [pool.submit(visit, path) for path in ("/", "/", "/", "/slow", "/slow", "/slow")]
        try:
            for _ in range(4):
                with _master(listener) as master:
                    already = sum(answered)
                    wait_until(lambda already=already: sum(answered) > already + 20)  # type: ignore[misc]
                    begin = time.monotonic()
                    master.terminate()
                    assert master.wait(25) == 0
                    assert time.monotonic() - begin < DRAIN_SECONDS / 2
            with _master(listener):
                done.set()
                for visitor in visitors:
                    visitor.result(30)
        finally:
            done.set()
    assert min(answered) > 10


def _accepted(ours: socket.socket) -> bool:
    """Whether a process holds the other end; until then it waits in the queue, and goes with it."""
    found = psutil.net_connections("tcp")
    return any(one.pid and one.raddr and one.raddr.port == ours.getsockname()[1] for one in found)


def test_the_port_is_free_while_the_last_answers_are_on_their_way() -> None:
    with subprocess.Popen([sys.executable, "-c", SEVERAL], stdout=subprocess.PIPE, text=True) as master:
        assert master.stdout is not None
        port = int(master.stdout.readline())
        slow = socket.create_connection(("127.0.0.1", port))
        slow.sendall(b"GET /slow HTTP/1.1\r\nHost: vakif.localhost\r\n\r\n")
        wait_until(lambda: _accepted(slow))  # on a busy machine the first child begins late
        time.sleep(0.1)
        master.kill()
        wait_until(lambda: is_free(port), 3)
        with slow, slow.makefile("rb") as answer:
            assert len(answer.read()) > 100_000


def test_what_children_inherit_has_no_thread_and_no_connection() -> None:
    """They would share it, and mix its answers."""
    key = "k:" + base64.b64encode(bytes(32)).decode()
    environ = os.environ | {
        "BELGENET_APP_ENVIRONMENT": "development",
        "BELGENET_DATABASE_URL": "postgresql+psycopg://nobody@127.0.0.1:1/none",
        "BELGENET_SECURITY_JWT_KEYS": key,
        "BELGENET_SECURITY_MASTER_KEYS": key,
    }
    code = """
import os, threading
from belgenet.app import configure
from belgenet.settings import load
application = configure(load({}, os.environ)).make_wsgi_app()
pool = application.registry["belgenet.engine"].pool
sockets = [name for name in os.listdir("/proc/self/fd") if os.path.exists(f"/proc/self/fd/{name}")
           and os.readlink(f"/proc/self/fd/{name}").startswith("socket:")]
print(threading.active_count(), pool.checkedin() + pool.checkedout(), sockets)
"""
    said = subprocess.run([sys.executable, "-c", code], env=environ, capture_output=True, text=True, check=True)
    assert said.stdout.split(maxsplit=2) == ["1", "0", "[]\n"]


def test_a_process_with_a_thread_does_not_fork() -> None:
    done = threading.Event()
    thread = threading.Thread(target=done.wait)
    thread.start()
    try:
        with socket.create_server(("127.0.0.1", 0)) as listener, pytest.raises(RuntimeError, match="before the fork"):
            Master(None, listener, 2, 1)
    finally:
        done.set()
        thread.join()
