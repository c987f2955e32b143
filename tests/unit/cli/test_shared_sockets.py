"""Processes that listen on each other's sockets, as the web processes of an installed server do."""

import http.client
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from tests.common.system import wait_until

from belgenet.core.observability.systemd import listeners

# What systemd does before it starts a service: the sockets from 3 on, and how many and for whom in the environment.
HANDED_DOWN = """
import os, sys, time
from types import SimpleNamespace
from belgenet.cli.server import open_door, serve_one
from belgenet.core.observability.systemd import listeners

for number, given in enumerate([os.dup2(int(fd), 100 + int(fd)) for fd in sys.argv[2:]]):
    os.dup2(given, 3 + number)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="2")

def application(environ, start_response):
    if environ["PATH_INFO"] == "/slow":
        time.sleep(1.5)
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [str(os.getpid()).encode()]

settings = SimpleNamespace(
    storage=SimpleNamespace(max_upload_bytes=1), app=SimpleNamespace(max_body_bytes=1, trusted_proxy="localhost")
)
application.registry = SimpleNamespace(settings={"belgenet": settings})
serve_one(application, listeners(), 2, [open_door(sys.argv[1])])
"""


class Line(http.client.HTTPConnection):
    """HTTP over a Unix socket."""

    def __init__(self, place: Path) -> None:
        super().__init__("localhost", timeout=20)
        self._place = place

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._place))


class Web:
    """Two web processes on two sockets that are held by somebody else."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.held = [socket.socket(socket.AF_UNIX) for _ in (1, 2)]
        for number, listener in enumerate(self.held):
            listener.bind(str(self.shared(number)))
            listener.listen(64)
        self.processes = [self._start(number) for number in (0, 1)]
        for number in (0, 1):
            wait_until(lambda number=number: self._answers(number))  # type: ignore[misc]

    def shared(self, number: int) -> Path:
        return self.folder / f"web-{number}.sock"

    def own(self, number: int) -> Path:
        return self.folder / f"own-{number}.sock"

    def ask(self, place: Path, path: str = "/") -> int:
        """Who answered."""
        with closing(Line(place)) as line:
            line.request("GET", path, headers={"Connection": "close"})
            return int(line.getresponse().read())

    def _answers(self, number: int) -> bool:
        try:
            return self.ask(self.own(number)) == self.processes[number].pid
        except OSError:
            return False

    def _start(self, number: int) -> subprocess.Popen[bytes]:
        given = [listener.fileno() for listener in self.held]
        command = [sys.executable, "-c", HANDED_DOWN, str(self.own(number)), *map(str, given)]
        return subprocess.Popen(command, pass_fds=given)

    def end(self) -> None:
        for process in self.processes:
            process.kill()
            process.wait()
        for listener in self.held:
            listener.close()


@pytest.fixture
def web(tmp_path: Path) -> Iterator[Web]:
    made = Web(tmp_path)
    try:
        yield made
    finally:
        made.end()


def test_nobody_waits_for_a_process_that_was_killed(web: Web) -> None:
    dead, alive = web.processes
    assert {web.ask(web.own(number)) for number in (0, 1)} == {dead.pid, alive.pid}
    dead.kill()
    dead.wait()
    begin = time.monotonic()
    assert {web.ask(web.shared(number % 2)) for number in range(20)} == {alive.pid}
    assert time.monotonic() - begin < 5


def test_whoever_comes_is_taken_by_a_process_that_has_a_thread_for_it(web: Web) -> None:
    busy, free = web.processes
    with ThreadPoolExecutor(2) as pool:
        slow = [pool.submit(web.ask, web.own(0), "/slow") for _ in range(2)]
        time.sleep(0.4)
        begin = time.monotonic()
        assert {web.ask(web.shared(number % 2)) for number in range(20)} == {free.pid}
        assert time.monotonic() - begin < 1
        assert {asked.result() for asked in slow} == {busy.pid}


def test_a_process_takes_again_when_a_thread_becomes_free(web: Web) -> None:
    only, other = web.processes
    other.kill()
    other.wait()
    with ThreadPoolExecutor(3) as pool:
        slow = [pool.submit(web.ask, web.shared(0), "/slow") for _ in range(2)]
        time.sleep(0.4)
        begin = time.monotonic()
        assert web.ask(web.shared(1)) == only.pid
        assert 0.5 < time.monotonic() - begin < 1.9, (
            "as soon as the slow ones are answered, not a turn of the loop later"
        )
        assert [asked.result() for asked in slow] == [only.pid] * 2


def test_each_answers_alone_where_it_is_asked_how_it_is(web: Web) -> None:
    one, other = web.processes
    one.kill()
    one.wait()
    with pytest.raises(ConnectionRefusedError):
        web.ask(web.own(0))
    assert web.ask(web.own(1)) == other.pid


def test_who_comes_while_none_runs_waits(web: Web) -> None:
    for process in web.processes:
        process.terminate()
        assert process.wait(25) == 0
    with ThreadPoolExecutor(1) as pool:
        waits = pool.submit(web.ask, web.shared(0))
        time.sleep(0.3)
        assert not waits.done()
        web.processes[1] = web._start(1)
        assert waits.result() == web.processes[1].pid


def test_sockets_for_another_process_are_not_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LISTEN_FDS", "2")
    monkeypatch.setenv("LISTEN_PID", "1")
    assert listeners() == []
    monkeypatch.delenv("LISTEN_PID")
    assert listeners() == []
