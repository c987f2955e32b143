"""ClamAV, where the institution has chosen it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

from belgenet.appliance.doctor.finding import Finding, error, warning
from belgenet.appliance.doctor.system import System
from belgenet.appliance.site import switch

SIGNATURES: Final = "/var/lib/clamav"
OLD: Final = (timedelta(days=7), timedelta(days=30))
"""Age of the newest signatures: from the first a warning, from the second an error."""
_KINDS: Final = ("*.cvd", "*.cld", "*.hdb", "*.hsb", "*.ndb", "*.ldb")


def scanner(system: System) -> Iterator[Finding]:
    """Its signatures are there and young. That the service runs is seen with all the others."""
    if not switch(system.site.get("belgenet_clamav")):
        return
    folder = system.path(str(system.site.get("belgenet_clamav_signatures") or SIGNATURES))
    files = [file for kind in _KINDS for file in folder.glob(kind)] if folder.is_dir() else []
    if not files:
        yield error("signatures_missing", str(folder))
        return
    newest = datetime.fromtimestamp(max(file.stat().st_mtime for file in files), UTC)
    age = system.now() - newest
    if age > OLD[0]:
        say = error if age > OLD[1] else warning
        yield say("signatures_old", days=age.days)
