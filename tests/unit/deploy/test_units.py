"""``belgenet_units``: what runs and what starts with the server, asked of a stand-in for systemd."""

from typing import Any

import pytest
from tests.unit.deploy.conftest import Controller
from tests.unit.deploy.systemd import Systemd

ON: dict[str, Any] = {"state": "started", "enabled": True}
OFF: dict[str, Any] = {"state": "stopped", "enabled": False}


@pytest.fixture
def systemd(controller: Controller) -> Systemd:
    return Systemd(controller)


def test_only_what_does_not_run_is_started_and_a_second_run_changes_nothing(systemd):
    systemd.has("a.socket")
    systemd.has("b.service", active="failed")
    systemd.has("c.timer", active="inactive", enabled="disabled")
    systemd.has("d.service", active="activating", enabled="static")
    units = ("a.socket", "b.service", "c.timer", "d.service")
    ran = systemd.run(*units, **ON)
    assert (ran.code, ran.changed) == (0, 1), ran.text
    assert systemd.told() == ["enable c.timer", "start b.service", "start c.timer"]
    assert "- b.service\n" in ran.text
    assert "- c.timer\n" in ran.text
    assert "a.socket" not in ran.text
    again = systemd.run(*units, **ON)
    assert (again.code, again.changed, systemd.told()) == (0, 0, []), again.text
    assert systemd.questions() == 2, "one look at all of them, and one at who is enabled"


def test_a_look_changes_nothing_and_shows_what_would(systemd):
    systemd.has("a.service", active="inactive", enabled="disabled", stale=True)
    looked = systemd.run("a.service", "to-come.service", words=("--check", "--diff"), **ON)
    assert (looked.code, looked.changed, systemd.told()) == (0, 1, []), looked.text
    assert "-a.service: inactive, disabled" in looked.text
    assert "+a.service: active, enabled" in looked.text
    assert "+to-come.service: active, enabled" in looked.text


def test_units_are_stopped_and_disabled_and_need_not_be_there(systemd):
    systemd.has("a.service")
    systemd.has("b.service", active="deactivating", enabled="static")
    ran = systemd.run_all(*[{"units": ["a.service", "b.service", "never.service"], **OFF}] * 2)
    assert (ran.changed, "fatal: [" in ran.text) == (1, False), ran.text
    assert systemd.told() == ["disable a.service", "stop a.service", "stop b.service"], "and nothing the second time"


def test_a_restart_is_always_one_and_a_look_at_it_needs_no_unit(systemd):
    systemd.has("a.service")
    ran = systemd.run("a.service", state="restarted", daemon_reload=True)
    assert (ran.changed, systemd.told()) == (1, ["daemon-reload", "restart a.service"]), ran.text
    looked = systemd.run("to-come.service", state="restarted", words=("--check",))
    assert (looked.code, looked.changed, systemd.told()) == (0, 1, []), looked.text
    assert systemd.run("to-come.service", state="restarted").code != 0


def test_enabling_leaves_alone_whether_it_runs(systemd):
    systemd.has("a.service", active="inactive", enabled="enabled-runtime")
    assert systemd.run("a.service", enabled=True).changed == 1
    assert systemd.now() == {"a.service": ("inactive", "enabled")}


def test_units_are_read_anew_once_when_a_file_changed_or_when_told(systemd):
    systemd.has("a.service", stale=True)
    systemd.has("b.service", stale=True)
    ran = systemd.run("a.service", "b.service", **ON)
    assert (ran.changed, systemd.told()) == (0, ["daemon-reload"])
    systemd.run("a.service", **ON)
    assert systemd.told() == []
    systemd.run("a.service", daemon_reload=True, **ON)
    assert systemd.told() == ["daemon-reload"]


def test_who_fails_is_named_with_its_last_words(systemd):
    systemd.has("good.service", active="inactive")
    systemd.has("bad.service", active="failed", broken=True)
    ran = systemd.run("good.service", "bad.service", **ON)
    assert ran.code != 0
    assert "bad.service does not start: Job for bad.service failed." in ran.text
    assert "--unit=bad.service: no room left" in ran.text
    assert systemd.now()["good.service"] == ("active", "enabled")


def test_what_cannot_run_is_said_before_anything_is_started(systemd):
    systemd.has("good.service", active="inactive")
    systemd.has("masked.service", load="masked", enabled="masked")
    ran = systemd.run_all(*({"units": ["good.service", name], **ON} for name in ("masked.service", "gone.service")))
    assert ran.changed == 0, ran.text
    assert ran.text.count("fatal: [") == 2
    for name, load in (("masked.service", "masked"), ("gone.service", "not-found")):
        assert f"{name} cannot run: systemd says {load}" in ran.text
    assert systemd.told() == []


def test_a_unit_without_a_file_does_not_lend_its_line_to_another(systemd):
    systemd.has("a.service", enabled="")
    systemd.has("b.service", active="active", enabled="disabled")
    ran = systemd.run("a.service", "b.service", words=("--check",), **ON)
    assert "- a.service\n" in ran.text
    assert "- b.service\n" in ran.text


def test_no_units_are_nothing_to_do(systemd):
    systemd.has("a.service")
    ran = systemd.run(**ON)
    assert (ran.code, ran.changed) == (0, 0), ran.text
