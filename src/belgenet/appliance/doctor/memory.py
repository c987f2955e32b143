"""Memory of the whole server."""

import re
from collections.abc import Iterator
from typing import Final

from belgenet.appliance.doctor.finding import Finding, error, warning
from belgenet.appliance.doctor.system import System

PRESSURE: Final = (10.0, 40.0)
"""Percent of the last minute in which some process waited for memory: from the first a warning, from the second an error."""
SCARCE: Final = 0.05


def memory(system: System) -> Iterator[Finding]:
    """Nobody has to wait for memory."""
    pressure = re.search(r"^some .*avg60=([\d.]+)", system.text("/proc/pressure/memory") or "", re.MULTILINE)
    if pressure and float(pressure[1]) >= PRESSURE[0]:
        say = error if float(pressure[1]) >= PRESSURE[1] else warning
        yield say("memory_pressure", percent=round(float(pressure[1])))
    known = dict(re.findall(r"^(\w+):\s+(\d+) kB", system.text("/proc/meminfo") or "", re.MULTILINE))
    total, free = int(known.get("MemTotal", 0)), int(known.get("MemAvailable", 0))
    if total and free < SCARCE * total:
        yield warning("memory_scarce", free=free >> 10, total=total >> 10)
