"""A stand-in for systemd, for what the modules and roles ask of it."""

import json
from typing import Any

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
    states = {"start": ("active", "active"), "stop": ("active", "inactive"), "restart": ("active", "active")}
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
