"""The release that runs, and the system below it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from belgenet.appliance import places
from belgenet.appliance.doctor.finding import Finding, error, info, warning
from belgenet.appliance.doctor.system import System
from belgenet.appliance.exclusive import LOCK, Busy, exclusive
from belgenet.appliance.installed import altered, digest
from belgenet.appliance.playbook import Playbook
from belgenet.appliance.upgrade.journal import Journal

JOURNAL: Final = "/var/lib/belgenet/upgrade"
UPDATES: Final = timedelta(days=35)
_SHOWN: Final = 5


def unaltered(system: System) -> Iterator[Finding]:
    """The files of the release are those that were signed; the programs are those that were installed."""
    home = system.path(places.CURRENT).resolve()
    programs = [f"{venv}/{name}" for venv in ("venv", "ansible/venv") for name in altered(home / venv)]
    changed = [*_sums(home / "bundle"), *programs]
    if changed:
        names = ", ".join(changed[:_SHOWN]) + (", ..." if len(changed) > _SHOWN else "")
        yield error("release_altered", number=len(changed), names=names)


def _sums(bundle: Path) -> Iterator[str]:
    """Files of the bundle that differ from its list."""
    listed = (bundle / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    for line in listed:
        noted, _, name = line.partition("  ")
        if digest(bundle / name).hex() != noted:
            yield f"bundle/{name}"


def upgrade(system: System) -> Iterator[Finding]:
    """No upgrade stopped half-way. One that is under way holds the server's lock."""
    run = Journal(system.path(JOURNAL)).unfinished()
    if run is None:
        return
    try:
        with exclusive("doctor", lock=system.path(LOCK)):
            step = run.marks[-1].step if run.marks else "-"
            yield error("upgrade_pending", step=step, at=run.began, old=run.old, new=run.new)
    except Busy:
        return


def updates(system: System) -> Iterator[Finding]:
    """The distribution's packages are renewed, and renewed kernels are used."""
    status = system.path("/var/lib/dpkg/status")
    if status.exists():
        age = system.now() - datetime.fromtimestamp(status.stat().st_mtime, UTC)
        if age > UPDATES:
            yield warning("updates_old", days=age.days)
    if system.path("/run/reboot-required").exists():
        yield info("reboot_required")


def drift(system: System) -> Iterator[Finding]:
    """Nobody changed by hand what the release describes."""
    report = Playbook(system.path(places.CURRENT), system.path(places.SITE)).run(check=True)
    if not report.complete:
        yield error("drift_unknown", reason=report.text.strip()[-300:])
    elif report.changes:
        yield warning("drifted", tasks=", ".join(sorted(report.changes)))
