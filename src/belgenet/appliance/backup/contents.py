"""What the database holds, so that a restored one can be compared: the schema's revision and how many rows."""

import json
from collections.abc import Mapping

from belgenet.appliance.backup.database import Database
from belgenet.appliance.backup.errors import BackupError

# Tables the product may not delete from: between two looks their rows can only have become more.
_TABLES = """
select coalesce(string_agg(format(
    'select %L as name, count(*) as rows from %I.%I', relname, nspname, relname), ' union all '), '')
from pg_class join pg_namespace on pg_namespace.oid = relnamespace
where relkind = 'r' and nspname = 'public' and not exists (
    select from pg_roles where rolname in ('belgenet_app', 'belgenet_platform', 'belgenet_relay')
    and has_table_privilege(rolname, pg_class.oid, 'DELETE'))
"""
_KEYS = """
select string_agg(format(
    'select %L as name where exists (select from %s child where %s and not exists (select from %s parent where %s))',
    conname, conrelid::regclass,
    (select string_agg(format('child.%I is not null', attname), ' and ')
     from pg_attribute where attrelid = conrelid and attnum = any(conkey)),
    confrelid::regclass,
    (select string_agg(format('parent.%I = child.%I', there.attname, here.attname), ' and ')
     from unnest(conkey, confkey) as pair(mine, theirs)
     join pg_attribute here on here.attrelid = conrelid and here.attnum = pair.mine
     join pg_attribute there on there.attrelid = confrelid and there.attnum = pair.theirs)
), ' union all ') from pg_constraint where contype = 'f' and connamespace = 'public'::regnamespace
"""


def schema(database: Database) -> str:
    """Alembic's revision."""
    return database.ask("select version_num from public.alembic_version")


def counts(database: Database) -> dict[str, int]:
    """Rows of the tables that only grow, all at one moment."""
    if not (query := database.ask(_TABLES)):  # an answer that was cut off, or another database
        raise BackupError("database_failed", said="psql names no table")
    found: Mapping[str, int] = json.loads(
        database.ask(f"select coalesce(json_object_agg(name, rows), '{{}}') from ({query}) as counted")  # noqa: S608
    )
    return dict(found)


def broken_keys(database: Database) -> list[str]:
    """Names of foreign keys that lead nowhere."""
    query = database.ask(_KEYS)
    return sorted(database.ask(query).splitlines()) if query else []


def out_of_range(found: Mapping[str, int], least: Mapping[str, int], most: Mapping[str, int]) -> list[str]:
    """Tables whose rows are fewer or more than they can be, as ``orders: 3 (5 to 7)``; no figure is a secret."""
    return [
        f"{name}: {found.get(name, 'missing')} ({least[name]} .. {most.get(name, least[name])})"
        for name in sorted(least)
        if not least[name] <= found.get(name, -1) <= most.get(name, least[name])
    ]
