"""``belgenet_units``: what runs and what starts with the server, asked of a stand-in for systemd."""

import json
from pathlib import Path
from typing import Any

import pytest
from tests.unit.deploy.conftest import Controller, Run

# Keeps its units in a file, notes what it is told, and says things as systemd 252 and later do.
SYSTEMCTL = """#!/usr/bin/env python3
import json, pathlib, sys
here = pathlib.Path(__file__).parent
units = json.loads((here / "units.json").read_text())
verb, names = sys.argv[1], [word for word in sys.argv[2:] if not word.startswith("--")]
with (here / "told").open("a") as told:
    told.write(" ".join(word for word in sys.argv[1:] if word != "--") + "\\n")
code = 0
if verb == "show":
    gone = {"load": "not-found", "active": "inactive"}
    for name in names:
        unit = units.get(name, gone)
        stale = "yes" if unit.get("stale") else "no"
        print(f"LoadState={unit['load']}\\nActiveState={unit['active']}\\nNeedDaemonReload={stale}\\n")
elif verb == "is-enabled":
    for name in names:
        word = units[name]["enabled"]
        code = code or int(word != "enabled")
        print(word) if word else print("Failed to get unit file state: No such file or directory", file=sys.stderr)
elif verb == "daemon-reload":
    for unit in units.values():
        unit.pop("stale", None)
elif names[0] in units and units[names[0]].get("broken"):
    print(f"Job for {names[0]} failed.", file=sys.stderr)
    code = 1
else:
    states = {"start": ("active", "active"), "stop": ("active", "inactive")}
    states |= {"enable": ("enabled", "enabled"), "disable": ("enabled", "disabled")}
    key, value = states[verb]
    for name in names:
        units[name][key] = value
(here / "units.json").write_text(json.dumps(units))
sys.exit(code)
"""
JOURNAL = '#!/bin/sh\necho "the journal of $*: no room left"\n'


class Systemd:
    """Units, and how the module changed them."""

    def __init__(self, controller: Controller) -> None:
        self._controller = controller
        self._folder = controller.folder / "bin"
        self._folder.mkdir()
        for name, text in (("systemctl", SYSTEMCTL), ("journalctl", JOURNAL)):
            (self._folder / name).write_text(text)
            (self._folder / name).chmod(0o755)
        controller.path = f"{self._folder}:{controller.path}"
        self._units: dict[str, dict[str, Any]] = {}

    def has(
        self, name: str, active: str = "active", enabled: str = "enabled", load: str = "loaded", **more: Any
    ) -> None:
        self._units[name] = {"load": load, "active": active, "enabled": enabled, **more}
        (self._folder / "units.json").write_text(json.dumps(self._units))

    def run(self, *units: str, words: tuple[str, ...] = (), **asked: Any) -> Run:
        (self._folder / "told").unlink(missing_ok=True)
        return self._controller.play({"name": "Units", "belgenet_units": {"units": list(units), **asked}}, words=words)

    def run_all(self, *asked: dict[str, Any]) -> Run:
        """Several tasks of one play; the next one comes also when one fails."""
        (self._folder / "told").unlink(missing_ok=True)
        return self._controller.play(
            *({"name": "Units", "belgenet_units": one, "ignore_errors": True} for one in asked)
        )

    def told(self) -> list[str]:
        """Without the questions."""
        lines = (self._folder / "told").read_text().splitlines()
        return [line for line in lines if not line.startswith(("show", "is-enabled"))]

    def questions(self) -> int:
        return len((self._folder / "told").read_text().splitlines()) - len(self.told())

    def now(self) -> dict[str, tuple[str, str]]:
        units = json.loads((self._folder / "units.json").read_text())
        return {name: (unit["active"], unit["enabled"]) for name, unit in units.items()}


ON: dict[str, Any] = {"state": "started", "enabled": True}
OFF: dict[str, Any] = {"state": "stopped", "enabled": False}


@pytest.fixture
def systemd(controller: Controller, tmp_path: Path) -> Systemd:
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
