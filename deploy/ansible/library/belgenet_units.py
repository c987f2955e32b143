"""Ansible module: what runs and what starts with the server, for as many units as there are in one run of the module."""

from dataclasses import dataclass

from ansible.module_utils.basic import AnsibleModule

DOCUMENTATION = r"""
module: belgenet_units
short_description: Units of systemd that run and are enabled, or neither, in one run of the module
description:
  - Units are started and stopped one after the other, in the order they are listed in.
  - A unit whose file systemd has not read since it changed is read anew before.
  - What is to be stopped or disabled need not be there. What is to run must be, except in check mode, where a task before this
    one would have laid it.
options:
  units: {description: Their names., type: list, elements: str, required: true}
  state:
    description: Whether they run; left alone when it is not said. C(restarted) is for handlers, and always changes something.
    type: str
    choices: [started, stopped, restarted]
  enabled: {description: Whether they start with the server; left alone when it is not said., type: bool}
  daemon_reload: {description: Has systemd read all units anew in any case., type: bool, default: false}
"""

VERBS = {"started": "start", "stopped": "stop", "restarted": "restart"}
OPTIONS = {
    "units": {"type": "list", "elements": "str", "required": True},
    "state": {"type": "str", "choices": list(VERBS)},
    "enabled": {"type": "bool"},
    "daemon_reload": {"type": "bool", "default": False},
}
PROPERTIES = ("LoadState", "ActiveState", "NeedDaemonReload")
RUNNING = {"active", "activating", "reloading", "refreshing"}
# Of `systemctl is-enabled`: those that start with the server, or have nothing of their own to enable.
ENABLED = {"enabled", "static", "generated"}
BY_HAND = {"enabled", "enabled-runtime"}
JOURNAL_LINES = 20


@dataclass
class Unit:
    """A unit as systemd has it."""

    name: str
    load: str
    active: str
    stale: bool
    """Its file has changed since systemd read it."""
    enabled: str = "not-found"
    """In the words of ``systemctl is-enabled``."""

    @property
    def missing(self) -> bool:
        """Whether there is no such unit."""
        return self.load == "not-found"

    def line(self) -> str:
        """For a difference that people read."""
        return f"{self.name}: {self.active}, {self.enabled}\n"


class Units:
    """The units of a task, and what has to be done to them."""

    def __init__(self, module: AnsibleModule) -> None:
        self._module = module
        self._systemctl = module.get_bin_path("systemctl", required=True)
        self._names: list[str] = module.params["units"]

    def look(self) -> list[Unit]:
        """How they are now; systemd reads units anew before, where that is due."""
        due = self._module.params["daemon_reload"]
        units = [] if due else self._shown()
        if (due or any(unit.stale for unit in units)) and not self._module.check_mode:
            self._do("daemon-reload")
            units = []
        units = units or self._shown()
        there = [unit for unit in units if not unit.missing]
        for unit, word in zip(there, self._enabled([unit.name for unit in there]), strict=True):
            unit.enabled = word
        return units

    def to_switch(self, units: list[Unit]) -> list[Unit]:
        """Those to be enabled or disabled."""
        wanted = self._module.params["enabled"]
        if wanted is None:
            return []
        if wanted:
            return [unit for unit in units if unit.enabled not in ENABLED]
        return [unit for unit in units if unit.enabled in BY_HAND]

    def to_move(self, units: list[Unit]) -> list[Unit]:
        """Those to be started or stopped."""
        wanted = self._module.params["state"]
        if wanted == "started":
            return [unit for unit in units if unit.active not in RUNNING]
        if wanted == "stopped":
            return [unit for unit in units if unit.active in RUNNING or unit.active == "deactivating"]
        return units if wanted == "restarted" else []

    def refuse(self, units: list[Unit]) -> None:
        """Fail when units that are to run cannot."""
        if self._module.params["state"] not in {"started", "restarted"} and not self._module.params["enabled"]:
            return
        for unit in units:
            if unit.load in {"masked", "error", "bad-setting"} or (unit.missing and not self._module.check_mode):
                self._module.fail_json(msg=f"{unit.name} cannot run: systemd says {unit.load}")

    def switch(self, units: list[Unit]) -> None:
        """Enable or disable them, all at once."""
        if units:
            verb = "enable" if self._module.params["enabled"] else "disable"
            self._do(verb, "--", *(unit.name for unit in units))

    def move(self, units: list[Unit]) -> None:
        """Start or stop them, one after the other; who fails is named, with what it said last."""
        for unit in units:
            verb = VERBS[self._module.params["state"]]
            code, _, complaint = self._run(verb, "--", unit.name)
            if code:
                self._module.fail_json(msg=f"{unit.name} does not {verb}: {complaint}\n{self._last_words(unit.name)}")

    def _last_words(self, name: str) -> str:
        words = [self._module.get_bin_path("journalctl", required=True), "--no-pager", "--output=short", "--boot"]
        _, said, _ = self._module.run_command([*words, f"--lines={JOURNAL_LINES}", f"--unit={name}"])
        return str(said).strip()

    def _shown(self) -> list[Unit]:
        code, said, complaint = self._run("show", f"--property={','.join(PROPERTIES)}", "--", *self._names)
        blocks = [dict(line.split("=", 1) for line in block.splitlines()) for block in said.strip().split("\n\n")]
        if code or len(blocks) != len(self._names):
            self._module.fail_json(msg=f"systemctl show {' '.join(self._names)}: {complaint or said}")
        return [
            Unit(name, block["LoadState"], block["ActiveState"], block["NeedDaemonReload"] == "yes")
            for name, block in zip(self._names, blocks, strict=True)
        ]

    def _enabled(self, names: list[str]) -> list[str]:
        """Asked apart from the rest: `show` answers from memory and misses links that somebody removed by hand."""
        if not names:
            return []
        _, said, _ = self._run("is-enabled", "--", *names)
        words: list[str] = said.split()
        if len(words) == len(names):
            return words
        # Older ones say nothing about a unit that has no file (any more), and then nobody knows which line is whose.
        return [self._run("is-enabled", "--", name)[1].strip() or "not-found" for name in names]

    def _do(self, *words: str) -> None:
        code, _, complaint = self._run(*words)
        if code:
            self._module.fail_json(msg=f"systemctl {' '.join(words)}: {complaint}")

    def _run(self, *words: str) -> tuple[int, str, str]:
        code, said, complaint = self._module.run_command([self._systemctl, *words])
        return code, said, complaint.strip()


def main() -> None:
    """See the documentation above."""
    module = AnsibleModule(argument_spec=OPTIONS, supports_check_mode=True)
    module.run_command_environ_update = {"LC_ALL": "C.UTF-8"}
    work = Units(module)
    units = work.look()
    work.refuse(units)
    switched, moved = work.to_switch(units), work.to_move(units)
    before = "".join(unit.line() for unit in units)
    if not module.check_mode:
        work.switch(switched)
        work.move(moved)
    for unit in switched:
        unit.enabled = "enabled" if module.params["enabled"] else "disabled"
    for unit in moved:
        unit.active = "inactive" if module.params["state"] == "stopped" else "active"
    places = [unit.name for unit in units if unit in switched or unit in moved]
    diff = {"before": before, "after": "".join(unit.line() for unit in units)} if places else {}
    module.exit_json(changed=bool(places), places=places, diff=diff)


if __name__ == "__main__":
    main()
