"""Operating system, systemd, memory, control groups and clock."""

import re
from collections.abc import Iterator
from typing import Any

from checks.probe import ERROR, WARNING, Finding, Probe

SYSTEMD = 252
"""First release whose LoadCredentialEncrypted, sandboxing and socket units are those the units were written for."""
MIB = 1 << 20
NAMEPLATE = 0.93
"""The kernel keeps a part of the memory a machine is sold with: one of 2 GiB shows about 1.9."""
MEMORY_MIB = 2048
COMFORT_MIB = 4096


def system_of(release: str) -> str:
    """``debian13`` or ``ubuntu24.04`` of the contents of /etc/os-release."""
    fields: dict[str, str] = dict(re.findall(r"""^(\w+)=["']?([^"'\n]*)""", release, re.MULTILINE))
    return fields.get("ID", "") + fields.get("VERSION_ID", "")


def operating_system(probe: Probe, manifest: dict[str, Any]) -> Iterator[Finding]:
    """The one the bundle was built for, on the processor it was built for."""
    found = system_of(probe.read("/etc/os-release"))
    if found != manifest["os"]:
        yield Finding("os_unsupported", ERROR, {"found": found or "?", "wanted": manifest["os"]})
    code, printed = probe.run(["dpkg", "--print-architecture"])
    if code or printed.strip() != manifest["arch"]:
        yield Finding("architecture", ERROR, {"found": printed.strip() or "?", "wanted": manifest["arch"]})


def systemd(probe: Probe) -> Iterator[Finding]:
    """systemd is what started this server, and it is new enough."""
    if (first := probe.read("/proc/1/comm").strip()) != "systemd":
        yield Finding("systemd_missing", ERROR, {"found": first or "?"})
        return
    match = re.match(r"systemd (\d+)", probe.run(["systemctl", "--version"])[1])
    if not match or int(match[1]) < SYSTEMD:
        yield Finding("systemd_old", ERROR, {"found": match[1] if match else "?", "wanted": str(SYSTEMD)})


def total_mib(probe: Probe) -> int:
    """Memory of the server in MiB; 0 when it cannot be read."""
    match = re.search(r"^MemTotal:\s+(\d+) kB", probe.read("/proc/meminfo"), re.MULTILINE)
    return int(match[1]) // 1024 if match else 0


def memory(probe: Probe) -> Iterator[Finding]:
    """Two GiB at least, four to be comfortable."""
    mib = total_mib(probe)
    if mib < MEMORY_MIB * NAMEPLATE:
        yield Finding("memory_low", ERROR, {"found": str(mib), "wanted": str(MEMORY_MIB)})
    elif mib < COMFORT_MIB * NAMEPLATE:
        yield Finding("memory_tight", WARNING, {"found": str(mib), "wanted": str(COMFORT_MIB)})


def control_groups(probe: Probe) -> Iterator[Finding]:
    """Version 2, alone or beside version 1: the units' limits need it."""
    if not any(probe.path(name).exists() for name in ("/sys/fs/cgroup/cgroup.controllers", "/sys/fs/cgroup/unified")):
        yield Finding("cgroup", ERROR)


def clock(probe: Probe, manifest: dict[str, Any]) -> Iterator[Finding]:
    """Not before the release was made, and kept right by somebody."""
    if probe.now() < manifest["source_date_epoch"]:
        yield Finding("clock_behind", ERROR)
    elif probe.path("/run/systemd/timesync/synchronized").exists():
        return
    elif probe.run(["timedatectl", "show", "--property=NTPSynchronized", "--value"])[1].strip() != "yes":
        yield Finding("clock_unsynchronised", WARNING)
