"""Ports of the administrator's own way in: the firewall leaves open those that the answers name."""

import json
import re
from collections.abc import Iterator

from checks.ports import holders, listening
from checks.probe import ERROR, WARNING, Finding, Probe
from checks.site import read_answers

NAME = "belgenet_ssh_ports"
INSTALLED = frozenset({22})
"""Where nothing was answered; equals group_vars/all.yml."""
HIGHEST = 65535
UNITS = {"ssh.service", "sshd.service", "ssh.socket"}
"""Sessions run in others: what they forward listens too, and is nobody's way in."""


def answered(text: str) -> set[int]:
    """Ports in the answers. :raises ValueError: they are no list of ports."""
    value = read_answers(text).get(NAME)
    if value is None:
        return set(INSTALLED)
    ports = json.loads(value)
    if not isinstance(ports, list) or not ports:
        raise ValueError(value)
    for port in ports:
        if type(port) is not int or not 0 < port <= HIGHEST:
            raise ValueError(str(port))
    return set(ports)


def told(probe: Probe) -> set[int]:
    """What sshd's settings and the socket that systemd may keep for it say."""
    _, said = probe.run(["sshd", "-T"])
    found = re.findall(r"^(?:port |listenaddress \S+:)(\d+)$", said, re.MULTILINE)
    _, said = probe.run(["systemctl", "show", "--property=Listen", "ssh.socket"])
    return {int(port) for port in found + re.findall(r"^Listen=\S*?(\d+) \(Stream\)$", said, re.MULTILINE)}


def ways_in(probe: Probe) -> set[int]:
    """Ports at which SSH listens now."""
    open_now = listening(probe)
    who = holders(probe, set(open_now.values()))
    held = {port for port, inode in open_now.items() if inode in who and who[inode].unit in UNITS}
    return held | told(probe) & set(open_now)


def ssh(probe: Probe, text: str, *, restoring: bool = False) -> Iterator[Finding]:
    """The firewall would shut nobody out.

    :param text: the operator's answers.
    :param restoring: they come with the backup and cannot be changed before.
    """
    try:
        allowed = answered(text)
    except ValueError as problem:
        yield Finding("ssh_ports_invalid", ERROR, {"found": read_answers(text).get(NAME, ""), "problem": str(problem)})
        return
    there = ways_in(probe)
    if shut := there - allowed:
        values = {"found": listed(shut), "allowed": listed(allowed), "wanted": listed(there | allowed)}
        yield Finding("ssh_elsewhere", WARNING if restoring else ERROR, values)


def listed(ports: set[int]) -> str:
    """``22, 2222``."""
    return ", ".join(map(str, sorted(ports)))
