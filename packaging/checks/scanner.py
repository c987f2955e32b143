"""Memory for the scanner, where the answers ask for one."""

from collections.abc import Iterator

from belgenet.appliance.site import switch

from checks.machine import total_mib
from checks.probe import ERROR, WARNING, Finding, Probe
from checks.site import Answers

OWN = "clamav_server_memory_mb"
"""An operator who knows better says so under this name."""
MEMORY_MIB = 7500
"""Where nothing was answered; equals the role's default."""


def scanner(probe: Probe, answers: Answers, *, restoring: bool = False) -> Iterator[Finding]:
    """ClamAV holds all of its signatures in memory. The playbook refuses as well, but in the midst of an installation.

    :param restoring: the answers come with the backup and cannot be changed before.
    """
    if not switch(answers.get("belgenet_clamav")):
        return
    own = answers.get(OWN, "")
    wanted = int(own) if own.isdecimal() else MEMORY_MIB
    if (found := total_mib(probe)) < wanted:
        values = {"found": str(found), "wanted": str(wanted)}
        yield Finding("scanner_memory", WARNING if restoring else ERROR, values)
