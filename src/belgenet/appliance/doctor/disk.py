"""Room on the disks."""

from collections.abc import Iterator
from typing import Final

from belgenet.appliance.doctor.finding import Finding, error, warning
from belgenet.appliance.doctor.system import System

FILLING, FULL = 0.80, 0.92
_GIB: Final = 1 << 30


def disk(system: System) -> Iterator[Finding]:
    """Bytes and inodes of every filesystem."""
    for one in system.disks():
        used = 1 - one.free / one.size
        if used >= FILLING:
            found = {"percent": round(used * 100), "free": f"{one.free / _GIB:.1f} GiB"}
            yield (
                error("disk_full", one.mount, **found) if used >= FULL else warning("disk_filling", one.mount, **found)
            )
        if one.inodes and (part := 1 - one.inodes_free / one.inodes) >= FILLING:
            say = error if part >= FULL else warning
            yield say("inodes_scarce", one.mount, percent=round(part * 100))
