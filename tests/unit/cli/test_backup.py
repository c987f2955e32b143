"""``belgenet backup run`` and ``belgenet backup offsite``: who copies, who is told, and what holds up what."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from belgenet.appliance.backup import BackupError, state
from belgenet.appliance.backup.records import Backup
from belgenet.appliance.exclusive import exclusive
from belgenet.cli import backup


class Maker:
    """One whose place elsewhere may be away, or not wanted."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.away = False
        self.wanted = True

    def make(self, *, full: bool) -> Backup:
        self.said.append("make")
        return Backup("20261122T013000Z", "L", "full" if full else "incr", "1.2.0", "G", "S")

    def copy(self) -> bool:
        self.said.append("copy")
        if self.away:
            raise BackupError("offsite_failed", reason="connection refused")
        return self.wanted


@pytest.fixture
def maker(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Maker:
    made = Maker()
    monkeypatch.setattr(backup.Maker, "here", lambda: made)
    monkeypatch.setattr(backup, "require_root", lambda: None)
    monkeypatch.setattr(backup, "LOCK", tmp_path / "server.lock")
    monkeypatch.setattr(backup, "COPYING", tmp_path / "offsite.lock")
    monkeypatch.setattr(backup.notice, "failed", lambda action, _error: made.said.append(f"mail {action}"))
    for action in ("run", "offsite"):
        state.succeeded(action, 1, tmp_path)
    known = state.read(tmp_path)
    monkeypatch.setattr(backup.state, "read", lambda: known)
    return made


def asked(*words: str) -> Result:
    return CliRunner().invoke(backup.backup, words)


def test_by_hand_a_backup_is_copied_and_in_the_timetable_another_unit_does_that(maker: Maker):
    assert asked("run").exit_code == 0
    assert maker.said == ["make", "copy"]
    assert asked("run", "--scheduled").exit_code == 0
    assert maker.said == ["make", "copy", "make"]


def test_a_backup_by_hand_says_that_only_the_copy_failed(maker: Maker):
    maker.away = True
    done = asked("run")
    assert (done.exit_code, maker.said) == (2, ["make", "copy"])
    assert "20261122T013000Z" in done.output
    assert "connection refused" in done.output


def test_one_mail_says_that_copies_fail(maker: Maker):
    maker.away = True
    assert asked("offsite").exit_code == 2
    assert maker.said == ["copy"]
    asked("offsite", "--scheduled")
    assert maker.said[1:] == ["copy", "mail offsite"]
    backup.state.read()["offsite"]["error"] = "offsite_failed"
    assert asked("offsite", "--scheduled").exit_code == 2
    assert maker.said[3:] == ["copy"]


def test_a_copy_that_hangs_keeps_nobody_from_a_backup(maker: Maker):
    with exclusive("backup offsite", lock=backup.COPYING):
        done = asked("run")
        assert (done.exit_code, maker.said) == (0, ["make"])
        assert asked("offsite", "--scheduled").exit_code == 0
    with exclusive("backup run", lock=backup.LOCK):
        assert asked("offsite").exit_code == 0
    assert maker.said == ["make", "copy"]


def test_without_a_place_elsewhere_only_who_asks_for_it_is_told(maker: Maker):
    maker.wanted = False
    assert asked("run").exit_code == 0
    done = asked("offsite")
    assert done.exit_code == 2
    assert "belgenet_backup_offsite" in done.output
