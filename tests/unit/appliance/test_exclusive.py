"""The server's lock: one holder, named to whoever comes second, and gone when its holder dies."""

import os
import signal
import subprocess
import sys
import threading

import pytest

from belgenet.appliance import exclusive as module
from belgenet.appliance.exclusive import PATIENCE, Busy, exclusive
from belgenet.cli import administrator

HOLD = """
import sys, time
from pathlib import Path
from belgenet.appliance.exclusive import exclusive
with exclusive("backup run", lock=Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def holder(tmp_path):
    lock = tmp_path / "lock"
    with subprocess.Popen([sys.executable, "-c", HOLD, lock], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "held\n"
        yield lock, process
        process.kill()


def test_the_second_is_told_who_is_at_work(holder):
    lock, _ = holder
    with pytest.raises(Busy, match="belgenet backup run is at work since 20") as told, exclusive("drill", lock=lock):
        pass
    assert told.value.verb == "backup run"
    assert told.value.told("en").startswith(f"belgenet backup run is at work since {told.value.since}. Try again")
    assert told.value.told("tr").startswith(
        f"belgenet backup run komutu çalışıyor ({told.value.since} zamanından beri)."
    )


def test_a_killed_holder_holds_nothing(holder):
    lock, process = holder
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    with exclusive("drill", lock=lock):
        assert '"drill"' in lock.read_text()
    assert lock.read_text() == ""


def test_a_unit_waits_for_its_turn(holder, monkeypatch):
    lock, process = holder
    monkeypatch.setenv(PATIENCE, "60")
    monkeypatch.setattr(module, "_AGAIN", 0.1)
    threading.Timer(0.5, process.kill).start()
    with exclusive("drill", lock=lock):
        assert '"drill"' in lock.read_text()


def test_after_an_upgrade_the_new_release_goes_on(holder, monkeypatch, tmp_path):
    lock, process = holder
    current, started = tmp_path / "current", []
    current.symlink_to("releases/1")
    monkeypatch.setattr(module.places, "CURRENT", current)
    monkeypatch.setenv(PATIENCE, "60")
    monkeypatch.setattr(module, "_AGAIN", 0.1)
    monkeypatch.setattr(module.os, "execv", lambda *given: started.append(given))

    def upgrade():
        current.unlink()
        current.symlink_to("releases/2")
        process.kill()

    threading.Timer(0.5, upgrade).start()
    with exclusive("drill", lock=lock):
        pass
    assert started == [(sys.argv[0], sys.argv)]


def test_a_unit_does_not_wait_for_ever(holder, monkeypatch):
    lock, _ = holder
    monkeypatch.setenv(PATIENCE, "0.3")
    with pytest.raises(Busy, match="belgenet backup run"), exclusive("drill", lock=lock):
        pass


def test_what_a_holder_starts_does_not_hold_on_after_it(tmp_path):
    lock = tmp_path / "lock"
    with exclusive("upgrade", lock=lock):
        child = subprocess.Popen(["sleep", "60"], close_fds=False)
    try:
        with exclusive("backup run", lock=lock):
            pass
    finally:
        child.kill()
        child.wait()


def test_a_note_that_was_not_finished_names_nobody(holder):
    lock, _ = holder
    lock.write_text('{"verb": "backu')
    with pytest.raises(Busy, match="another command") as told, exclusive("drill", lock=lock):
        pass
    assert told.value.told("en").startswith("Another command of the server")
    assert told.value.told("tr").startswith("Sunucuda başka bir komut çalışıyor")


def test_who_must_wait_is_told_in_the_language_asked_for(holder, monkeypatch, capsys):
    lock, _ = holder
    monkeypatch.setattr(administrator, "exclusive", lambda verb: exclusive(verb, lock=lock))
    for lang, said in (("tr", "Bittiğinde yeniden deneyiniz"), ("en", "Try again when it has finished")):
        with pytest.raises(SystemExit) as ended, administrator.alone("apply", lang):
            pass
        assert ended.value.code == administrator.BUSY
        assert said in capsys.readouterr().err
