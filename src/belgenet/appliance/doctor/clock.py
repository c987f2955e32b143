"""Time: tokens, payments and certificates depend on it."""

from collections.abc import Iterator
from datetime import UTC, datetime

from belgenet.appliance import places
from belgenet.appliance.doctor.finding import Finding, error, warning
from belgenet.appliance.doctor.system import System


def clock(system: System) -> Iterator[Finding]:
    """It is set by a time server, and not before the release was made."""
    made = system.document(places.CURRENT / "bundle/manifest.json").get("source_date_epoch", 0)
    if system.now() < datetime.fromtimestamp(int(made), UTC):
        yield error("clock_wrong", now=system.now().isoformat(timespec="minutes"))
    said = system.run(["timedatectl", "show", "--property=NTPSynchronized", "--value"])
    if said.strip() != "yes":
        yield warning("clock_unsynchronised")
