"""Children start, get ready, stop, and never outlive us."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.common.waiting import wait_until

from belgenet.testing.servers.process import ManagedProcess, ServerError, rotate_log

SLEEP = ["sleep", "300"]


def exists(pid: int) -> bool:
    """Whether the process lives (a zombie does not)."""
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return False


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "log" / "child.log"


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def test_start_and_stop(log: Path) -> None:
    child = ManagedProcess("child", SLEEP, log=log)
    assert child.pid is None
    child.start()
    pid = child.pid
    assert pid
    assert child.alive
    child.stop()
    assert child.pid is None
    assert not child.alive
    assert not exists(pid)


def test_stopping_twice_is_harmless(log: Path) -> None:
    child = ManagedProcess("child", SLEEP, log=log)
    child.start()
    child.stop()
    child.stop()


def test_starting_twice_is_refused(log: Path) -> None:
    with ManagedProcess("child", SLEEP, log=log) as child, pytest.raises(ServerError, match="runs already"):
        child.start()


def test_a_missing_program_is_named(log: Path) -> None:
    child = ManagedProcess("child", ["/no/such/program"], log=log)

    def start() -> None:
        child.start()
        child.wait_ready(lambda: False, 5)

    with pytest.raises(ServerError, match="/no/such/program"):
        start()


def test_output_goes_to_the_log(log: Path) -> None:
    with ManagedProcess(
        "child", python("print('şu çıktı', flush=True); import time; time.sleep(300)"), log=log
    ) as child:
        child.wait_ready(lambda: "şu çıktı" in child.log_tail(), 10)


def test_an_early_end_shows_code_and_log(log: Path) -> None:
    child = ManagedProcess("child", python("print('no disk'); raise SystemExit(7)"), log=log)
    child.start()
    with pytest.raises(ServerError, match=r"(?s)code 7.*no disk"):
        child.wait_ready(lambda: False, 10)
    assert child.pid is None


def test_an_answer_of_somebody_else_is_not_taken_for_the_childs(log: Path) -> None:
    child = ManagedProcess("loser", python("raise SystemExit('port is taken')"), log=log)
    child.start()
    wait_until(lambda: not child.alive)
    with pytest.raises(ServerError, match="port is taken"):
        child.wait_ready(lambda: True, 5)


def test_it_inherits_the_sockets_it_is_given(log: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as held:
        number = str(held.fileno())
        told = "import socket, sys; print(socket.socket(fileno=int(sys.argv[1])).getsockname()[1], flush=True)"
        command = [*python(told), number]
        with ManagedProcess("heir", command, log=log, sockets=[held.fileno()]) as child:
            wait_until(lambda: child.log_tail().strip() == str(held.getsockname()[1]))


def test_not_ready_in_time_stops_the_child(log: Path) -> None:
    child = ManagedProcess("child", SLEEP, log=log)
    child.start()
    pid = child.pid
    assert pid
    with pytest.raises(ServerError, match="not ready after 0 s"):
        child.wait_ready(lambda: False, 0.1)
    assert not exists(pid)


def test_a_stubborn_child_is_killed(log: Path) -> None:
    code = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('set', flush=True); time.sleep(300)"
    )
    child = ManagedProcess("child", python(code), log=log, stop_timeout=0.3)
    child.start()
    child.wait_ready(lambda: "set" in child.log_tail(), 10)
    begin = time.monotonic()
    child.stop()
    assert time.monotonic() - begin < 5


def test_grandchildren_end_with_the_group(log: Path) -> None:
    child = ManagedProcess("child", ["bash", "-c", "sleep 301 & echo $!; wait"], log=log)
    child.start()
    child.wait_ready(lambda: child.log_tail().strip().isdigit(), 10)
    grandchild = int(child.log_tail())
    child.kill()
    assert wait_until(lambda: not exists(grandchild), 5)


def test_the_stop_signal_can_be_chosen(log: Path) -> None:
    code = """
import signal, time
def leave(*_):
    print("INT", flush=True)
    raise SystemExit
signal.signal(signal.SIGINT, leave)
print("set", flush=True)
time.sleep(300)
"""
    child = ManagedProcess("child", python(code), log=log, stop_signal=signal.SIGINT)
    child.start()
    child.wait_ready(lambda: "set" in child.log_tail(), 10)
    child.stop()
    assert "INT" in child.log_tail()


def test_a_terminals_ctrl_c_does_not_reach_the_child(log: Path) -> None:
    with ManagedProcess("child", SLEEP, log=log) as child:
        assert child.pid
        assert os.getpgid(child.pid) != os.getpgid(0)


def test_children_end_when_their_parent_is_killed(tmp_path: Path) -> None:
    code = (
        "from pathlib import Path; from belgenet.testing.servers.process import ManagedProcess; import time\n"
        f"c = ManagedProcess('c', ['sleep', '302'], log=Path({str(tmp_path / 'c.log')!r})); c.start()\n"
        "time.sleep(0.3); print(c.pid, flush=True); time.sleep(300)"
    )
    with subprocess.Popen(python(code), stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout
        pid = int(parent.stdout.readline())
        assert exists(pid)
        parent.kill()
    assert wait_until(lambda: not exists(pid), 5)


def test_big_logs_are_moved_aside(tmp_path: Path) -> None:
    log = tmp_path / "big.log"
    with log.open("wb") as file:
        file.truncate(21 * 1024 * 1024)
    rotate_log(log)
    assert not log.exists()
    assert (tmp_path / "big.log.1").exists()
