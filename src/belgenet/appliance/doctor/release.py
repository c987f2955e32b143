"""The release that runs, and the system below it."""

import base64
import csv
import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from belgenet.appliance import places
from belgenet.appliance.doctor.finding import Finding, error, info, warning
from belgenet.appliance.doctor.system import System
from belgenet.appliance.exclusive import LOCK, Busy, exclusive
from belgenet.appliance.playbook import Playbook
from belgenet.appliance.upgrade.journal import Journal

JOURNAL: Final = "/var/lib/belgenet/upgrade"
UPDATES: Final = timedelta(days=35)
_SHOWN: Final = 5


def unaltered(system: System) -> Iterator[Finding]:
    """The files of the release are those that were signed; the program is the one that was installed."""
    home = system.path(places.CURRENT).resolve()
    changed = [*_sums(home / "bundle"), *_installed(home / "venv")]
    if changed:
        names = ", ".join(changed[:_SHOWN]) + (", ..." if len(changed) > _SHOWN else "")
        yield error("release_altered", number=len(changed), names=names)


def _sums(bundle: Path) -> Iterator[str]:
    """Files of the bundle that differ from its list."""
    listed = (bundle / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    for line in listed:
        digest, _, name = line.partition("  ")
        if _digest(bundle / name).hex() != digest:
            yield f"bundle/{name}"


def _installed(venv: Path) -> Iterator[str]:
    """Files of the product that differ from what was installed."""
    for record in venv.glob("lib/python3*/site-packages/belgenet-*.dist-info/RECORD"):
        with record.open(encoding="utf-8", newline="") as lines:
            for name, digest, _size in csv.reader(lines):
                if not digest.startswith("sha256=") or name.startswith("../"):
                    continue
                found = base64.urlsafe_b64encode(_digest(record.parents[1] / name)).rstrip(b"=").decode()
                if found != digest.removeprefix("sha256="):
                    yield f"venv/{name}"


def _digest(file: Path) -> bytes:
    try:
        with file.open("rb") as content:
            return hashlib.file_digest(content, "sha256").digest()
    except OSError:
        return b""


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
