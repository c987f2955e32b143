"""Runs the checks side by side. One that fails or hangs never keeps the others from looking."""

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from belgenet.appliance.doctor import (
    backup,
    certificate,
    clock,
    database,
    disk,
    mail,
    maintenance,
    memory,
    names,
    objects,
    redis,
    release,
    scanner,
    secrets,
    units,
    walls,
    web,
    work,
)
from belgenet.appliance.doctor.finding import Finding, Level, warning
from belgenet.appliance.doctor.system import System

Look = Callable[[System], Iterable[Finding]]


@dataclass(frozen=True)
class Check:
    """A look at one thing.

    :param seconds: how long it may take.
    :param seldom: costly; the alerter makes it once a day.
    """

    name: str
    look: Look
    seconds: float = 20
    seldom: bool = False


CHECKS: Final = (
    Check("units", units.units),
    Check("sockets", units.sockets),
    Check("web", web.instances),
    Check("site", web.site),
    Check("database.connections", database.connections),
    Check("database.collation", database.collation),
    Check("database.vacuum", database.vacuum),
    Check("database.locks", database.locks),
    Check("database.damage", database.damage),
    Check("redis", redis.redis, 45),
    Check("objects", objects.objects, 45),
    Check("scanner", scanner.scanner),
    Check("disk", disk.disk),
    Check("memory", memory.memory),
    Check("clock", clock.clock),
    Check("updates", release.updates),
    Check("certificate", certificate.certificate),
    Check("names", names.names, 30),
    Check("mail", mail.mail, 40),
    Check("queues", work.queues),
    Check("processes", work.processes),
    Check("backup", backup.backup),
    Check("upgrade", release.upgrade),
    Check("secrets", secrets.sealed, 60),
    Check("firewall", walls.firewall),
    Check("loopback", walls.loopback, 30),
    Check("addresses", walls.addresses, 30),
    Check("maintenance", maintenance.maintenance),
    Check("release", release.unaltered, 120, seldom=True),
)
DRIFT: Final = Check("drift", release.drift, 600, seldom=True)


@dataclass
class Examination:
    """What was found.

    :ivar looked: names of the checks that came to an end.
    :ivar failed: names of those that did not, with the reason.
    """

    findings: list[Finding] = field(default_factory=list)
    looked: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    found_by: dict[str, str] = field(default_factory=dict)
    """Key of a finding -> the check that found it."""
    seconds: float = 0.0

    @property
    def healthy(self) -> bool:
        """Whether nobody has to do anything."""
        return all(item.level is Level.INFO for item in self.findings)


class _Run(threading.Thread):
    """A check at work. A daemon: what hangs for ever does not keep the command from ending."""

    def __init__(self, check: Check, system: System) -> None:
        super().__init__(name=f"check {check.name}", daemon=True)
        self.check = check
        self._system = system
        self.findings: list[Finding] | None = None
        self.reason = ""

    def run(self) -> None:
        """See Thread."""
        try:
            self.findings = list(self.check.look(self._system))
        except Exception as failure:  # noqa: BLE001 - whatever it is, the others go on and the administrator is told
            self.reason = f"{type(failure).__name__}: {failure}"[:400]


def examine(system: System, checks: Sequence[Check] = CHECKS) -> Examination:
    """Make all checks at once and wait for each as long as it may take."""
    started = time.monotonic()
    runs = [_Run(check, system) for check in checks]
    for run in runs:
        run.start()
    result = Examination()
    for run in runs:
        run.join(max(0.0, started + run.check.seconds - time.monotonic()))
        _collect(run, result)
    order = list(Level)
    result.findings.sort(key=lambda item: (order.index(item.level), item.key))
    result.seconds = round(time.monotonic() - started, 1)
    return result


def _collect(run: _Run, result: Examination) -> None:
    name = run.check.name
    if run.findings is None:
        reason = run.reason or f"no answer within {run.check.seconds:.0f} s"
        result.failed[name] = reason
        found = [warning("check_failed", name, reason=reason)]
    else:
        result.looked.append(name)
        found = run.findings
    result.findings += found
    result.found_by.update({item.key: name for item in found})
