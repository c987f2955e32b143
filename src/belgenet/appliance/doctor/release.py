"""The release that runs, and the system below it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from belgenet.appliance import places
from belgenet.appliance.doctor.finding import Finding, error, info, warning
from belgenet.appliance.doctor.system import System
from belgenet.appliance.exclusive import LOCK, Busy, exclusive
from belgenet.appliance.installed import altered, contents, differing, shown
from belgenet.appliance.playbook import Playbook
from belgenet.appliance.upgrade.journal import Journal

JOURNAL: Final = "/var/lib/belgenet/upgrade"
UPDATES: Final = timedelta(days=35)
_SHOWN: Final = 5
_SUMS: Final = "SHA256SUMS"


def unaltered(system: System) -> Iterator[Finding]:
    """The files of the release are those that were signed; the programs are those that were installed; there are no others."""
    home = system.path(places.CURRENT).resolve()
    changed = [f"bundle/{name}" for name in _bundle(home / "bundle")]
    changed += [*altered(home / "venv"), *(f"ansible/{name}" for name in altered(home / "ansible/venv"))]
    if changed:
        names = ", ".join(map(shown, changed[:_SHOWN])) + (", ..." if len(changed) > _SHOWN else "")
        yield error("release_altered", number=len(changed), names=names)


def _bundle(bundle: Path) -> list[str]:
    """Files of the bundle that differ from its list, or are not on it."""
    try:
        lines = (bundle / _SUMS).read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError):
        return [_SUMS]
    noted = {name: value for value, _, name in (line.partition("  ") for line in lines)}
    found = contents(bundle)
    return differing(noted, {name: found[name] for name in found if name not in {_SUMS, f"{_SUMS}.sig"}})


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
