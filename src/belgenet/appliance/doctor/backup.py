"""Backups, the drill that proves them, and the key without which they are nothing."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from belgenet.appliance.doctor.finding import Finding, error, warning
from belgenet.appliance.doctor.system import System

FOLDER: Final = "/var/lib/belgenet/backup"
KIT: Final = "/var/lib/belgenet/kit/confirmed.json"
OLD: Final = (timedelta(hours=30), timedelta(hours=54))
"""Age of the last good backup: from the first a warning, from the second an error."""
DRILL: Final = timedelta(days=35)
PLAN: Final = "/etc/belgenet/backup.json"
OFFSITE: Final = (timedelta(hours=3), timedelta(hours=26))
"""Age of the last copy off-site, likewise. The role lets nobody choose more than two hours between two of them."""


def moment(text: Any) -> datetime | None:
    """A time as state files write it (ISO 8601, UTC); None when it is none."""
    try:
        found = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def backup(system: System) -> Iterator[Finding]:
    """A good one is young, a restore was tried, and somebody holds the recovery kit."""
    known = system.document(f"{FOLDER}/state.json")
    now = system.now()
    run = known.get("run", {})
    last = moment(run.get("last_success"))
    if last is None:
        yield error("backup_missing")
    elif now - last > OLD[0]:
        say = error if now - last > OLD[1] else warning
        yield say("backup_old", hours=int((now - last).total_seconds() // 3600))
    if run.get("error"):
        yield error("backup_failed", reason=_reason(run))
    if known.get("verify", {}).get("error"):
        yield error("backup_unsound", reason=_reason(known["verify"]))
    if system.document(PLAN).get("offsite"):
        yield from _offsite(known.get("offsite", {}), now)
    yield from _drill(known.get("drill", {}), now, backed_up=last is not None)
    if not system.document(KIT).get("at"):
        yield warning("kit_unconfirmed")


def _offsite(copy: dict[str, Any], now: datetime) -> Iterator[Finding]:
    """The service and the backups here go on without it, so a failure is a warning until fire and thieves would take a day."""
    last = moment(copy.get("last_success"))
    age = now - last if last else None
    if age is None or age > OFFSITE[1]:
        yield error("offsite_old", hours=int(age.total_seconds() // 3600)) if age else error("offsite_missing")
    elif age > OFFSITE[0]:
        yield warning("offsite_old", hours=int(age.total_seconds() // 3600))
    if copy.get("error"):
        yield warning("offsite_failed", reason=_reason(copy))


def _drill(drill: dict[str, Any], now: datetime, *, backed_up: bool) -> Iterator[Finding]:
    tried = moment(drill.get("last_success"))
    if drill.get("error"):
        yield error("drill_failed", reason=_reason(drill))
    elif tried is None and backed_up:
        yield warning("drill_missing")
    elif tried is not None and now - tried > DRILL:
        yield warning("drill_old", days=(now - tried).days)


def _reason(entry: dict[str, Any]) -> str:
    return str(entry.get("message") or entry["error"])[:300]
