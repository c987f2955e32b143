"""systemd's units: ours, and those of others that we cannot do without."""

from collections.abc import Iterator
from typing import Final

from belgenet.appliance.doctor.finding import Finding, error, warning
from belgenet.appliance.doctor.system import System

PATTERNS: Final = ("belgenet-*", "redis-server@belgenet-*", "postgresql@*-belgenet.service", "nginx.service")
_PROPERTIES: Final = "Id,Type,ActiveState,SubState,Result,NRestarts,MemoryCurrent,MemoryMax,UnitFileState,LoadState"
RESTARTS: Final = 3
"""So many restarts since it was last started by hand are no accident."""
MEMORY: Final = 0.9
"""Part of its memory limit that a unit may use."""


def shown(system: System) -> list[dict[str, str]]:
    """Every unit's properties. :raises CommandError:"""
    listed = system.run(["systemctl", "list-units", "--all", "--plain", "--no-legend", "--full", *PATTERNS])
    enabled = system.run(["systemctl", "list-unit-files", "--plain", "--no-legend", "--state=enabled", *PATTERNS])
    names = {line.split()[0] for line in (listed + enabled).splitlines() if line.strip()}
    names = {name for name in names if not name.endswith(("@.service", "@.socket"))}
    if not names:
        return []
    text = system.run(["systemctl", "show", f"--property={_PROPERTIES}", *sorted(names)])
    blocks = (dict(line.partition("=")[::2] for line in block.splitlines()) for block in text.split("\n\n"))
    return [block for block in blocks if block.get("LoadState") == "loaded"]


def units(system: System) -> Iterator[Finding]:
    """Failed, stopped, restarting again and again, or close to its memory limit."""
    for unit in shown(system):
        name = unit["Id"]
        if unit["ActiveState"] == "failed" or unit["SubState"] == "auto-restart":
            code = "unit_out_of_memory" if unit.get("Result") == "oom-kill" else "unit_failed"
            yield error(code, name, result=unit.get("Result", ""))
        elif unit["ActiveState"] == "inactive" and _should_run(unit):
            yield error("unit_down", name)
        elif int(unit.get("NRestarts") or 0) >= RESTARTS:
            yield warning("unit_restarting", name, times=int(unit["NRestarts"]))
        used, limit = _number(unit.get("MemoryCurrent")), _number(unit.get("MemoryMax"))
        if used and limit and used > MEMORY * limit:
            yield warning("unit_memory", name, used=used >> 20, limit=limit >> 20)


def sockets(system: System) -> Iterator[Finding]:
    """systemd holds the web sockets: who comes during a restart waits instead of being refused."""
    for unit in shown(system):
        name = unit["Id"]
        if name.startswith("belgenet-web@") and name.endswith(".socket") and unit["ActiveState"] != "active":
            yield error("socket_not_held", name)


def _should_run(unit: dict[str, str]) -> bool:
    return (
        unit["Id"].endswith(".service")
        and unit.get("Type") != "oneshot"
        and unit.get("UnitFileState") in {"enabled", "enabled-runtime"}
    )


def _number(text: str | None) -> int | None:
    """Bytes; None for ``infinity`` and ``[not set]``."""
    if text is None or not text.isdigit():
        return None
    number = int(text)
    return number if number < 1 << 62 else None
