"""Room for the installation, on whatever file systems the server has."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from checks.probe import ERROR, WARNING, Finding, Probe

GIB = 1 << 30


@dataclass(frozen=True)
class Need:
    """What a folder must have free, in bytes, and what spares the administrator a call in the first year."""

    path: str
    least: int
    comfortable: int
    inodes: int


FRESH = (
    # The system's packages take 0.6 GiB.
    Need("/", 1 * GIB, 2 * GIB, 30_000),
    # A release takes about 1 GiB and 25,000 files unpacked, and an upgrade builds the next one beside it.
    Need("/opt", int(2.5 * GIB), 5 * GIB, 60_000),
    # PostgreSQL writes up to 1 GiB of log before it cleans up; the rest is data, objects, journals and the objects' volumes.
    Need("/var", 4 * GIB, 20 * GIB, 30_000),
)
AGAIN = (Need("/", GIB // 4, GIB, 5_000), Need("/opt", GIB // 4, 3 * GIB, 5_000), Need("/var", 1 * GIB, 5 * GIB, 5_000))
"""For a server that has this release already."""
RELEASE = GIB
UPGRADE = (
    Need("/", GIB // 4, GIB, 5_000),
    # The release, once more while it is unpacked, and something to spare.
    Need("/opt/belgenet", int(2.2 * RELEASE), 4 * RELEASE, 60_000),
    Need("/var", 1 * GIB, 5 * GIB, 5_000),
)
"""For a server that has another release."""


def needs(installed: str, version: str) -> tuple[Need, ...]:
    """What is needed for ``version`` where ``installed`` (empty: nothing) is."""
    if not installed:
        return FRESH
    return AGAIN if installed == version else UPGRADE


WRITTEN = ("/etc", "/opt", "/usr", "/var")


def writable(probe: Probe) -> Iterator[Finding]:
    """Everything an installation writes to may be written to."""
    for path in WRITTEN:
        if probe.space(probe.path(path)).read_only:
            yield Finding("read_only", ERROR, {"path": path})


def disk(probe: Probe, wanted: tuple[Need, ...]) -> Iterator[Finding]:
    """Folders on one file system must find room there together."""
    shared = defaultdict(list)
    for need in wanted:
        shared[probe.space(probe.path(need.path)).device].append(need)
    for together in shared.values():
        there = probe.space(probe.path(together[0].path))
        least, comfortable = sum(need.least for need in together), sum(need.comfortable for need in together)
        values = {
            "path": ", ".join(need.path for need in together),
            "found": f"{there.free_bytes / GIB:.1f}",
            "wanted": f"{least / GIB:.1f}",
        }
        if there.free_bytes < least:
            yield Finding("disk_full", ERROR, values)
        elif there.free_bytes < comfortable:
            yield Finding("disk_tight", WARNING, {**values, "wanted": f"{comfortable / GIB:.1f}"})
        inodes = sum(need.inodes for need in together)
        if there.inodes and there.free_inodes < inodes:
            counts = {"path": values["path"], "found": str(there.free_inodes), "wanted": str(inodes)}
            yield Finding("inodes", ERROR, counts)
