"""Children with fewer rights, and the pause that ends with whoever holds it."""

import os
import signal
import time
from pathlib import Path

import pytest

from belgenet.appliance.objectstore.lesser import LesserError, as_lesser
from belgenet.appliance.objectstore.pausing import pause
from belgenet.core.storage.hold import held

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="gives up rights, so it must have some")


@as_root
def test_the_work_is_done_as_somebody_else_and_its_answer_comes_back():
    told = as_lesser(lambda: {"uid": os.getuid(), "groups": os.getgroups(), "text": "ığüşöç"}, user="nobody")
    assert told["uid"] != 0
    assert 0 not in told["groups"]
    assert told["text"] == "ığüşöç"
    assert os.getuid() == 0


@as_root
def test_there_is_no_way_back_to_root():
    def climb():
        os.setuid(0)

    with pytest.raises(LesserError, match="PermissionError"):
        as_lesser(climb, user="nobody")


@as_root
def test_an_answer_larger_than_a_pipe_comes_whole():
    assert len(as_lesser(lambda: "x" * 1_000_000, user="nobody")) == 1_000_000


@as_root
def test_work_that_is_killed_is_no_answer():
    with pytest.raises(LesserError, match="-9"):
        as_lesser(lambda: os.kill(os.getpid(), signal.SIGKILL), user="nobody")


@as_root
def test_a_user_that_is_not_there_is_told():
    with pytest.raises(LesserError):
        as_lesser(lambda: 1, user="no-such-user-here")


@as_root
def test_the_child_dies_with_its_parent(tmp_path):
    reading, writing = os.pipe()
    if not (parent := os.fork()):
        as_lesser(lambda: (os.write(writing, str(os.getpid()).encode()), time.sleep(60)), user="nobody")
        os._exit(0)
    child = int(os.read(reading, 20))
    os.kill(parent, signal.SIGKILL)
    os.waitpid(parent, 0)
    assert gone(child)
    os.close(reading)
    os.close(writing)


def gone(pid):
    until = time.monotonic() + 5
    while time.monotonic() < until:
        try:
            with Path(f"/proc/{pid}/stat").open(encoding="ascii") as file:
                if file.read().split()[2] == "Z":
                    return True
        except FileNotFoundError:
            return True
        time.sleep(0.05)
    return False


def test_writing_pauses_inside_and_goes_on_outside(tmp_path):
    file = tmp_path / "hold"
    with pause(file, settle=0) as holds:
        assert held(str(file))
        assert holds()
        os.utime(file, (0, 0))
        assert not holds(), "a pause that was lost is known"
    assert not file.exists()


def test_the_pause_is_renewed_by_itself(tmp_path, monkeypatch):
    from belgenet.appliance.objectstore import pausing

    monkeypatch.setattr(pausing, "LEASE_SECONDS", 0.5)
    file = tmp_path / "hold"
    with pause(file, settle=0):
        first = file.stat().st_mtime_ns
        time.sleep(0.6)
        assert file.stat().st_mtime_ns > first


def test_nobody_renews_it_for_one_who_was_killed(tmp_path, monkeypatch):
    from belgenet.appliance.objectstore import pausing

    monkeypatch.setattr(pausing, "LEASE_SECONDS", 0.5)
    file = tmp_path / "hold"
    if not (holder := os.fork()):
        with pause(file, settle=0):
            time.sleep(60)
    until = time.monotonic() + 5
    while not file.exists() and time.monotonic() < until:
        time.sleep(0.02)
    time.sleep(0.2)
    os.kill(holder, signal.SIGKILL)
    os.waitpid(holder, 0)
    time.sleep(0.3)
    left = file.stat().st_mtime_ns
    time.sleep(0.4)
    assert file.stat().st_mtime_ns == left
