"""``belgenet restore``, as the administrator of a restored server uses it."""

import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner

from belgenet.appliance.restore import journal, work
from belgenet.cli import restore as command


@pytest.fixture
def hold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The switch of a server where nothing was restored yet."""
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(work, "HOLD", tmp_path / "outgoing-held")
    monkeypatch.setattr(journal, "FILE", tmp_path / "state.json")
    monkeypatch.setattr(command, "_waiting", lambda: "3")
    return tmp_path / "outgoing-held"


def run(*words: str):
    return CliRunner().invoke(command.restore, ["--lang", "en", *words])


def test_only_root_may(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert run("status").exit_code == 2


def test_nothing_was_restored(hold: Path):
    done = run("status")
    assert (done.exit_code, "Nothing was restored" in done.output) == (0, True)
    assert "Nothing is held" in run("release").output


def test_mail_is_held_until_the_word_is_given(hold: Path):
    hold.touch()
    journal.write(journal.State("20261122T013000Z", "/mnt", journal.now(), ended=journal.now(), missing=("a/b",)))
    done = run("status")
    assert (done.exit_code, "3 waiting" in done.output, "a/b" in done.output) == (1, True, True)
    assert run("release").exit_code == 0
    assert not hold.exists()
    told = json.loads(run("status", "--json").output)
    assert told["held"] is False
    assert told["restored"]["released"]
    assert "Released on" in run("status").output


def test_half_a_restoration_is_not_released_by_mistake(hold: Path):
    hold.touch()
    journal.begin("20261122T013000Z", "/mnt")
    assert "did not end" in run("status").output
    assert run("release").exit_code == 2
    assert hold.exists()
    assert run("release", "--force").exit_code == 0
    assert not hold.exists()


def test_a_moment_that_is_none(hold: Path, tmp_path: Path):
    done = run("run", "--from", "/mnt", "--found", str(tmp_path), "--at", "yesterday")
    assert (done.exit_code, "2026-11-22T14:45:00+03:00" in done.output) == (2, True)
