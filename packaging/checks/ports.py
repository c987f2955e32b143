"""Ports and sockets that BelgeNet needs, and who has them now."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from belgenet.appliance.loopback import inner_ports

from checks.probe import ERROR, Finding, Probe

OUTER = {80: "Nginx", 443: "Nginx"}
POSTGRES_SOCKET = ".s.PGSQL.5432"
OURS = re.compile(r"belgenet-.+|redis-server@belgenet-.+|postgresql@\d+-belgenet\.service")
BEGUN = "/etc/postgresql-common/createcluster.d/belgenet.conf"
"""The playbook writes it before it installs packages. From then on the distribution's instances are ours: a run may be cut off."""
PACKAGED = {"nginx.service", "redis-server.service"}
LISTENING = "0A"
"""State of a TCP socket in /proc/net/tcp."""


@dataclass(frozen=True)
class Holder:
    """A process that has a socket open."""

    pid: int
    program: str
    unit: str

    def __str__(self) -> str:
        """For people."""
        return f"{self.program} (pid {self.pid}{', ' if self.unit else ''}{self.unit})" if self.pid else "?"


NOBODY = Holder(0, "", "")


def listening(probe: Probe) -> dict[int, str]:
    """Port -> inode of a socket that listens there, on whichever address."""
    found = {}
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        for line in probe.read(table).splitlines()[1:]:
            words = line.split()
            if words[3] == LISTENING:
                found[int(words[1].rpartition(":")[2], 16)] = words[9]
    return found


def postgres_socket(probe: Probe) -> str:
    """Inode of the socket at which programs look for PostgreSQL; empty when nobody has it."""
    for line in probe.read("/proc/net/unix").splitlines()[1:]:
        words = line.split()
        if words[-1].endswith(f"/postgresql/{POSTGRES_SOCKET}"):
            return words[6]
    return ""


def unit_of(probe: Probe, pid: str) -> str:
    """The systemd unit of a process; empty for one of none."""
    units = re.findall(r"/([^/\n]+\.(?:service|socket))", probe.read(f"/proc/{pid}/cgroup"))
    return units[-1] if units else ""


def holders(probe: Probe, inodes: set[str]) -> dict[str, Holder]:
    """Inode -> the process that has it; systemd only when nobody else does (it keeps sockets for its units)."""
    found: dict[str, Holder] = {}
    wanted = {f"socket:[{inode}]": inode for inode in inodes}
    for pid in sorted(filter(str.isdigit, probe.names("/proc")), key=int, reverse=True):
        for number in probe.names(f"/proc/{pid}/fd"):
            try:
                target = str(probe.path(f"/proc/{pid}/fd/{number}").readlink())
            except OSError:  # the process ended, or is not ours to look into
                continue
            if target in wanted and (pid != "1" or wanted[target] not in found):
                found[wanted[target]] = Holder(int(pid), probe.read(f"/proc/{pid}/comm").strip(), unit_of(probe, pid))
    return found


def is_ours(probe: Probe, holder: Holder) -> bool:
    """Left by an earlier run of the installation."""
    if holder.unit in PACKAGED:
        return probe.path(BEGUN).exists()
    return OURS.fullmatch(holder.unit) is not None


def wanted(answers: Mapping[str, Any]) -> dict[int, str]:
    """Port -> the part that will listen there."""
    return OUTER | inner_ports(answers)


def ports(probe: Probe, answers: Mapping[str, Any]) -> Iterator[Finding]:
    """Everything we need is free or ours.

    :param answers: the operator's, as :func:`checks.site.read_tree` gives them.
    """
    open_now = listening(probe)
    needed = {f"port {port}": (open_now[port], part) for port, part in wanted(answers).items() if port in open_now}
    if inode := postgres_socket(probe):
        needed[f"/run/postgresql/{POSTGRES_SOCKET}"] = (inode, "PostgreSQL")
    who = holders(probe, {inode for inode, _ in needed.values()})
    for place, (inode, part) in needed.items():
        holder = who.get(inode, NOBODY)
        if not is_ours(probe, holder):
            yield Finding("port_busy", ERROR, {"place": place, "part": part, "holder": str(holder)})
