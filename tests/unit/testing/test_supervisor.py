"""What dies is started again, with growing pauses; what is stopped stops in reverse."""

import os
import signal
from pathlib import Path

import pytest

from belgenet.testing.demo.supervisor import Supervisor, Unit
from belgenet.testing.servers import ManagedProcess, ServerError


class Clock:
    """Time that moves when told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def supervisor(said: list[str], clock: Clock):
    made = Supervisor(said.append, clock)
    yield made
    made.stop()


def sleeper(tmp_path: Path, name: str = "sleeper") -> Unit:
    return Unit.of_process(ManagedProcess(name, ["sleep", "300"], log=tmp_path / f"{name}.log"))


def look(supervisor: Supervisor, clock: Clock, seconds: float = 0) -> None:
    """Let time pass, then look at every unit once."""
    clock.now += seconds
    for watch in supervisor._watched:
        supervisor.look_after(watch)


def kill(supervisor: Supervisor, name: str) -> int:
    pid = supervisor.pids()[name]
    os.kill(pid, signal.SIGKILL)
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    return pid


def test_a_living_unit_is_left_alone(supervisor: Supervisor, clock: Clock, said: list[str], tmp_path: Path) -> None:
    supervisor.start(sleeper(tmp_path))
    pid = supervisor.pids()["sleeper"]
    look(supervisor, clock, 100)
    assert supervisor.pids() == {"sleeper": pid}
    assert said == []


def test_a_killed_unit_comes_back_after_a_pause(
    supervisor: Supervisor, clock: Clock, said: list[str], tmp_path: Path
) -> None:
    supervisor.start(sleeper(tmp_path))
    old = kill(supervisor, "sleeper")
    look(supervisor, clock)
    look(supervisor, clock, 0.1)
    assert said == ["sleeper died; starting it again in 0.5 s"]
    look(supervisor, clock, 0.5)
    assert said[-1] == "sleeper runs again"
    assert supervisor.pids()["sleeper"] != old
    assert supervisor.units()[0].alive


def test_pauses_grow_and_shrink_again_after_a_steady_minute(
    supervisor: Supervisor, clock: Clock, said: list[str], tmp_path: Path
) -> None:
    supervisor.start(sleeper(tmp_path))
    for _ in range(9):
        kill(supervisor, "sleeper")
        look(supervisor, clock)
        look(supervisor, clock, 31)
    pauses = [line.split(" in ")[1] for line in said if "died" in line]
    assert pauses == ["0.5 s", "1.0 s", "2.0 s", "4.0 s", "8.0 s", "16.0 s", "30.0 s", "30.0 s", "30.0 s"]
    clock.now += 61
    kill(supervisor, "sleeper")
    look(supervisor, clock)
    assert said[-1].endswith("0.5 s")


def test_a_unit_that_does_not_start_again_is_tried_again(
    supervisor: Supervisor, clock: Clock, said: list[str], tmp_path: Path
) -> None:
    process = ManagedProcess("shy", ["sleep", "300"], log=tmp_path / "shy.log")
    refusals = [None, ServerError("port taken"), OSError("no room"), None]

    def start() -> None:
        problem = refusals.pop(0)
        if problem:
            raise problem
        process.start()

    supervisor.start(Unit("shy", start, process.stop, lambda: process))
    kill(supervisor, "shy")
    for _ in range(4):
        look(supervisor, clock, 5)
    assert said == [
        "shy died; starting it again in 0.5 s",
        "shy did not start: port taken",
        "shy did not start: no room",
        "shy runs again",
    ]


def test_a_unit_that_never_started_ends_the_start(supervisor: Supervisor, tmp_path: Path) -> None:
    process = ManagedProcess("broken", ["false"], log=tmp_path / "broken.log")
    with pytest.raises(ServerError, match="broken ended with code 1"):
        supervisor.start(Unit.of_process(process, lambda: False))


def test_a_server_that_is_not_ours_counts_as_alive(supervisor: Supervisor, clock: Clock, said: list[str]) -> None:
    supervisor.start(Unit("foreign", lambda: None, lambda: None, lambda: None))
    look(supervisor, clock, 100)
    assert said == []
    assert supervisor.pids() == {}


def test_stops_processes_first_and_servers_in_reverse(supervisor: Supervisor) -> None:
    stopped: list[str] = []
    for name in ("postgres", "redis", "relay", "web"):
        supervisor.start(Unit(name, lambda: None, lambda name=name: stopped.append(name), lambda: None))
    supervisor.stop()
    assert stopped == ["web", "relay", "redis", "postgres"]
    assert supervisor.units() == []


def test_one_failing_stop_does_not_spare_the_others(supervisor: Supervisor) -> None:
    stopped: list[str] = []

    def refuse() -> None:
        raise OSError("gone")

    supervisor.start(Unit("postgres", lambda: None, lambda: stopped.append("postgres"), lambda: None))
    supervisor.start(Unit("redis", lambda: None, refuse, lambda: None))
    supervisor.stop()
    assert stopped == ["postgres"]


def test_a_second_interrupt_kills_what_hangs(supervisor: Supervisor, tmp_path: Path) -> None:
    code = (
        "import os, signal, time\n"
        "signal.signal(signal.SIGTERM, lambda *_: os.kill(os.getppid(), signal.SIGINT))\n"
        "print('set', flush=True)\n"
        "while True: time.sleep(300)"
    )
    process = ManagedProcess("web", ["python3", "-c", code], log=tmp_path / "web.log", stop_timeout=60)
    supervisor.start(Unit.of_process(process, lambda: "set" in process.log_tail()))
    before = signal.getsignal(signal.SIGINT)
    supervisor.stop()
    assert process.pid is None
    assert signal.getsignal(signal.SIGINT) is before


def test_watching_ends_when_told(supervisor: Supervisor, tmp_path: Path) -> None:
    supervisor.start(sleeper(tmp_path))
    answers = [False, False, True]
    supervisor.watch(until=lambda: answers.pop(0))
    assert answers == []
