"""The two Redis servers."""

from collections.abc import Iterator
from typing import Any, Final

from belgenet.appliance.doctor.finding import Finding, error, warning
from belgenet.appliance.doctor.system import System

FULL: Final = 0.8
"""Part of the broker's memory limit. A full cache is as it should be: it drops what is oldest."""


def redis(system: System) -> Iterator[Finding]:
    """Both answer; the broker keeps on disk what it was given, and has room."""
    for instance, found in system.probe()["redis"].items():
        if "error" in found:
            yield error("redis_unreachable", instance, reason=found["error"])
        elif instance == "broker":
            yield from _broker(found)


def _broker(found: dict[str, Any]) -> Iterator[Finding]:
    if found["maxmemory"] and found["used_memory"] > FULL * found["maxmemory"]:
        yield warning("broker_filling", used=found["used_memory"] >> 20, limit=found["maxmemory"] >> 20)
    if found["maxmemory_policy"] != "noeviction" or found["evicted_keys"]:
        yield error("broker_evicting", policy=found["maxmemory_policy"], keys=found["evicted_keys"])
    if not found["aof_enabled"]:
        yield error("broker_not_kept", reason="appendonly no")
    elif found["aof_last_write_status"] != "ok":
        yield error("broker_not_kept", reason=f"aof_last_write_status: {found['aof_last_write_status']}")
