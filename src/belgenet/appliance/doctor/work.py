"""Work that waits: the outbox, the queues, those who carry and do it."""

from collections.abc import Iterator
from typing import Final

from belgenet.appliance.doctor.finding import Finding, Level, error, warning
from belgenet.appliance.doctor.system import System

LATE_MINUTES: Final = (10, 60)
"""How long past its time a delivery may wait: then a warning, then an error."""
OUTBOX_SECONDS: Final = 120
SILENT_SECONDS: Final = 120
BEAT_SECONDS: Final = 300
"""Some work is due every minute: a beat that started nothing for so long is not at work."""

_LATE: Final = """
    select queue, count(*) as number, (extract(epoch from now() - min(available_at)) / 60)::int as minutes
    from public.outbox_deliveries where state = 'pending' group by queue
    having min(available_at) < now() - make_interval(mins => {})"""
_DEAD: Final = """
    select consumer, count(*) as number from public.outbox_deliveries where state = 'dead' group by consumer"""
_OUTBOX: Final = """
    select count(*) as number, extract(epoch from now() - min(created_at))::int as seconds from public.outbox
    where dispatched_at is null having min(created_at) < now() - make_interval(secs => {})"""
_SEEN: Final = """
    select wanted.kind, extract(epoch from now() - max(seen_at))::int as seconds
    from (values ('worker'), ('relay'), ('beat')) as wanted (kind) left join public.heartbeats using (kind) group by wanted.kind"""
_BEAT: Final = "select extract(epoch from now() - max(started_at))::int as seconds from public.periodic_runs"


def queues(system: System) -> Iterator[Finding]:
    """Nothing waits too long, and nothing was given up."""
    for row in system.sql(_LATE.format(LATE_MINUTES[0])):
        level = Level.ERROR if row["minutes"] >= LATE_MINUTES[1] else Level.WARNING
        params = {"number": row["number"], "minutes": row["minutes"]}
        yield Finding("queue_late", level, row["queue"], params)
    for row in system.sql(_DEAD):
        yield warning("dead_letters", row["consumer"], number=row["number"])
    for row in system.sql(_OUTBOX.format(OUTBOX_SECONDS)):
        yield error("outbox_late", number=row["number"], seconds=row["seconds"])


def processes(system: System) -> Iterator[Finding]:
    """Workers, relay and beat live, and beat starts what is due."""
    silent = {row["kind"]: row["seconds"] for row in system.sql(_SEEN)}
    for kind, seconds in sorted(silent.items()):
        if seconds is None or seconds > SILENT_SECONDS:
            yield error("process_silent", kind, minutes="-" if seconds is None else seconds // 60)
    (tick,) = system.sql(_BEAT)
    if tick["seconds"] is None or tick["seconds"] > BEAT_SECONDS:
        yield error("beat_late", minutes="-" if tick["seconds"] is None else tick["seconds"] // 60)
