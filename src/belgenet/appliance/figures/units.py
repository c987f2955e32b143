"""How systemd finds the services this server consists of."""

from collections.abc import Iterator
from typing import Final

from belgenet.appliance.figures.exposition import Metric
from belgenet.appliance.run import run

PATTERNS: Final = ("belgenet-*", "nginx.service", "nftables.service", "postgresql@*.service", "redis-server@belgenet-*")
_PROPERTIES: Final = "Id,LoadState,ActiveState,NRestarts,MemoryCurrent,MemoryMax,CPUUsageNSec,TasksCurrent"
_KINDS: Final = (".service", ".socket", ".timer")
_NONE: Final = 1 << 62


def shown() -> str:
    """What systemctl says. :raises belgenet.appliance.run.CommandError:"""
    return run(["systemctl", "show", f"--property={_PROPERTIES}", *PATTERNS], timeout=20)


def units(said: str) -> list[Metric]:
    """Whether each works, how often it was restarted by itself, and what it uses."""
    up = Metric("belgenet_unit_up", "1: the unit is not failed; a long-running one, a timer or a socket is active")
    failed = Metric("belgenet_unit_failed", "1: systemd gave the unit up")
    restarts = Metric("belgenet_unit_restarts_total", "Restarts because it ended by itself", "counter")
    memory = Metric("belgenet_unit_memory_bytes", "Memory of all its processes, with page cache")
    limit = Metric("belgenet_unit_memory_limit_bytes", "What it may use at most")
    seconds = Metric("belgenet_unit_cpu_seconds_total", "Processor time since its start", "counter")
    tasks = Metric("belgenet_unit_tasks", "Processes and threads")
    for block in _blocks(said):
        name = block["Id"]
        state = block["ActiveState"]
        up.add(state in {"active", "activating", "reloading"} or (_rests(name) and state != "failed"), unit=name)
        failed.add(state == "failed", unit=name)
        for metric, key, scale in (
            (restarts, "NRestarts", 1.0),
            (memory, "MemoryCurrent", 1.0),
            (limit, "MemoryMax", 1.0),
            (seconds, "CPUUsageNSec", 1e-9),
            (tasks, "TasksCurrent", 1.0),
        ):
            if (number := _number(block.get(key))) is not None:
                metric.add(number * scale, unit=name)
    return [up, failed, restarts, memory, limit, seconds, tasks]


RUNNING: Final = ("web@", "worker@", "beat.", "relay.", "objects.", "minio.", "clamd.", "metrics-")
"""Of ours, what runs all the time; the others do their work and end."""


def _rests(name: str) -> bool:
    ours = name.removeprefix("belgenet-")
    return name.startswith("belgenet-") and name.endswith(".service") and not ours.startswith(RUNNING)


def _blocks(said: str) -> Iterator[dict[str, str]]:
    for block in said.split("\n\n"):
        found = dict(line.partition("=")[::2] for line in block.splitlines())
        if found.get("LoadState") == "loaded" and found["Id"].endswith(_KINDS):
            yield found


def _number(text: str | None) -> int | None:
    """None for ``infinity`` and ``[not set]``."""
    return int(text) if text and text.isdigit() and int(text) < _NONE else None
