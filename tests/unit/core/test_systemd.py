"""What a service tells systemd, heard on a real socket."""

import os
import socket

import pytest

from belgenet.core.observability.systemd import Watchdog, notify


@pytest.fixture(params=["path", "abstract"])
def manager(request, tmp_path, monkeypatch):
    address = f"@belgenet-{os.getpid()}-{request.node.name}" if request.param == "abstract" else str(tmp_path / "n")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as heard:
        heard.bind("\0" + address[1:] if address.startswith("@") else address)
        heard.settimeout(2)
        monkeypatch.setenv("NOTIFY_SOCKET", address)
        yield heard


def test_states_are_told_in_one_message(manager):
    assert notify("READY=1", "STATUS=serving")
    assert manager.recv(100) == b"READY=1\nSTATUS=serving"


def test_without_systemd_nobody_is_told(monkeypatch, tmp_path):
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    assert not notify("READY=1")
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "nobody"))
    assert not notify("READY=1"), "a manager that is away ends nobody"


def test_the_watchdog_is_patted_at_most_thrice_in_its_time(manager, monkeypatch):
    monkeypatch.setenv("WATCHDOG_USEC", "30000000")
    monkeypatch.setenv("WATCHDOG_PID", str(os.getpid()))
    watchdog = Watchdog()
    assert watchdog.every == 10
    for _ in range(50):
        watchdog.pat()
    assert manager.recv(100) == b"WATCHDOG=1"
    manager.setblocking(False)
    with pytest.raises(BlockingIOError):
        manager.recv(100)


def test_another_process_watchdog_is_not_ours(manager, monkeypatch):
    monkeypatch.setenv("WATCHDOG_USEC", "30000000")
    monkeypatch.setenv("WATCHDOG_PID", str(os.getpid() + 1))
    watchdog = Watchdog()
    watchdog.pat()
    assert watchdog.every == 0
