"""A site that was closed for maintenance, and forgotten."""

from collections.abc import Iterator

from belgenet.appliance.doctor.finding import Finding, info, warning
from belgenet.appliance.doctor.system import System
from belgenet.appliance.maintenance import STATE, overdue


def maintenance(system: System) -> Iterator[Finding]:
    """It is open, or closed for a time that is not over."""
    state = system.document(STATE)
    if not state:
        return
    since, until = state.get("since", ""), state.get("until")
    if overdue(state, system.now()):
        yield warning("maintenance_overdue", since=since, until=until or "-")
    else:
        yield info("maintenance_on", since=since, until=until or "-")
