"""PostgreSQL."""

from collections.abc import Iterator
from typing import Final

from belgenet.appliance.doctor.finding import Finding, Level, error, warning
from belgenet.appliance.doctor.system import System
from belgenet.appliance.run import CommandError

CONNECTIONS: Final = (0.7, 0.9)
"""Parts of ``max_connections``: from the first on a warning, from the second on an error."""
AGE: Final = (500_000_000, 1_500_000_000)
"""Transactions since a database was frozen; PostgreSQL stops at two thousand million."""
LOCK_SECONDS: Final = 60
OPEN_SECONDS: Final = 1800
DEAD_ROWS: Final = 100_000

_USED: Final = """
    select count(*) as used, current_setting('max_connections')::int as most
    from pg_stat_activity where backend_type = 'client backend'"""
_COLLATIONS: Final = """
    select datname as name, datcollversion as then, pg_database_collation_actual_version(oid) as now
    from pg_database where datallowconn and datcollversion is distinct from pg_database_collation_actual_version(oid)
    union all
    select collname, collversion, pg_collation_actual_version(oid)
    from pg_collation where collversion <> pg_collation_actual_version(oid)"""
_AGES: Final = "select datname as name, age(datfrozenxid) as age from pg_database where age(datfrozenxid) > {}"
_UNSWEPT: Final = """
    select relname as name, n_dead_tup as dead, n_live_tup as live from pg_stat_user_tables
    where n_dead_tup > greatest({}, n_live_tup / 2)
      and coalesce(greatest(last_autovacuum, last_vacuum), 'epoch') < now() - interval '1 day'"""
_WAITING: Final = """
    select pid, extract(epoch from now() - state_change)::int as seconds, usename as who,
           array_to_string(pg_blocking_pids(pid), ', ') as blockers
    from pg_stat_activity where wait_event_type = 'Lock' and state_change < now() - make_interval(secs => {})"""
_OPEN: Final = """
    select pid, extract(epoch from now() - xact_start)::int as seconds, usename as who, coalesce(state, '') as state
    from pg_stat_activity
    where backend_type = 'client backend' and xact_start < now() - make_interval(secs => {})
      and application_name not in ('pg_dump', 'pgbackrest', 'belgenet-export')"""
_DAMAGED: Final = """
    select datname as name, checksum_failures as failures from pg_stat_database where checksum_failures > 0"""
_ARCHIVER: Final = """
    select last_failed_wal as wal, failed_count as times from pg_stat_archiver
    where current_setting('archive_mode') <> 'off' and last_failed_time > coalesce(last_archived_time, 'epoch')"""


def connections(system: System) -> Iterator[Finding]:
    """It answers, and does not run out of connections."""
    try:
        (found,) = system.sql(_USED)
    except CommandError as failure:
        yield error("database_unreachable", reason=failure.said)
        return
    part = found["used"] / found["most"]
    if part >= CONNECTIONS[0]:
        level = Level.ERROR if part >= CONNECTIONS[1] else Level.WARNING
        yield Finding("database_connections", level, params={"used": found["used"], "most": found["most"]})


def collation(system: System) -> Iterator[Finding]:
    """The rules by which text is sorted are those that the indexes were built with."""
    for row in system.sql(_COLLATIONS):
        yield error("collation_changed", row["name"], then=row["then"] or "?", now=row["now"] or "?")


def vacuum(system: System) -> Iterator[Finding]:
    """Autovacuum keeps up."""
    for row in system.sql(_AGES.format(AGE[0])):
        level = Level.ERROR if row["age"] > AGE[1] else Level.WARNING
        yield Finding("database_age", level, row["name"], {"millions": row["age"] // 1_000_000})
    for row in system.sql(_UNSWEPT.format(DEAD_ROWS)):
        yield warning("vacuum_behind", row["name"], dead=row["dead"], live=row["live"])


def locks(system: System) -> Iterator[Finding]:
    """Nobody waits long for a lock, and no transaction stays open."""
    for row in system.sql(_WAITING.format(LOCK_SECONDS)):
        yield warning("lock_waiting", str(row["pid"]), **{key: row[key] for key in ("seconds", "who", "blockers")})
    for row in system.sql(_OPEN.format(OPEN_SECONDS)):
        minutes = row["seconds"] // 60
        yield warning("transaction_open", str(row["pid"]), minutes=minutes, who=row["who"], state=row["state"])


def damage(system: System) -> Iterator[Finding]:
    """No page on the disk is damaged, and the log reaches the backup."""
    for row in system.sql(_DAMAGED):
        yield error("database_damaged", row["name"] or "", failures=row["failures"])
    for row in system.sql(_ARCHIVER):
        yield error("archive_failing", wal=row["wal"], times=row["times"])
