"""Which database, Redis number, bucket and mail sink belong to the test process that asks."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from contextlib import suppress

import psycopg
from psycopg import sql

from belgenet.testing.servers import DatabaseCredentials, DatabaseServer

TEMPLATE_LOCK = 4_711_001
_NUMBER = re.compile(r"(\d+)$")


def worker_number(worker_id: str) -> int:
    """1 for ``gw0``, 2 for ``gw1`` ..., 0 for a run without xdist."""
    match = _NUMBER.search(worker_id)
    return int(match[1]) + 1 if match else 0


def run_id(token: str) -> str:
    """Short name of this test run, the same in all of its processes."""
    return uuid.uuid5(uuid.NAMESPACE_URL, token).hex[:8]


def ensure_template(server: DatabaseServer, name: str, migrate: Callable[[str], None]) -> None:
    """Create the migrated database `name` once; other processes wait for it.

    `migrate` gets the owner's URL. The database gets its name only when `migrate` succeeded.
    """
    with psycopg.connect(server.url, autocommit=True) as lock:
        lock.execute("select pg_advisory_lock(%s)", (TEMPLATE_LOCK,))
        if lock.execute("select 1 from pg_database where datname = %s", (name,)).fetchone():
            return
        draft = f"{name}_draft"
        server.drop_database(draft)
        migrate(server.create_database(draft).owner_url)
        lock.execute(sql.SQL("alter database {} rename to {}").format(*map(sql.Identifier, (draft, name))))


def fresh_database(server: DatabaseServer, name: str, template: str) -> DatabaseCredentials:
    """Create database `name` as a copy of `template`, replacing an older one."""
    server.drop_database(name)
    return server.create_database(name, template=template)


def drop_quietly(server: DatabaseServer, name: str) -> None:
    """Drop a database when the server still answers."""
    with suppress(psycopg.Error):
        server.drop_database(name)
