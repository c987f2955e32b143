"""The migrations on a real PostgreSQL, run as the schema's owner: up, down, up again, and what guards them on the way."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from alembic import command
from alembic.script import ScriptDirectory
from psycopg import sql
from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.exc import DBAPIError, OperationalError
from tests.migrations.catalogue import catalogue
from tests.security.test_walls import UNPROTECTED

from belgenet.core.db.migrate import alembic_config, unknown_revision
from belgenet.testing.migration_check import differences

NAME = "belgenet_migrations"


@pytest.fixture
def owner_url(pg_server: Any, worker_number: int) -> Iterator[str]:
    """An empty database's owner."""
    name = f"{NAME}_{worker_number}"
    pg_server.drop_database(name)
    yield pg_server.create_database(name).owner_url
    pg_server.drop_database(name)


@pytest.fixture
def config(owner_url: str) -> Any:
    return alembic_config(owner_url)


def revisions(config: Any) -> list[str]:
    """From the first to the last."""
    return [item.revision for item in ScriptDirectory.from_config(config).walk_revisions()][::-1]


def tables(url: str) -> set[str]:
    return {line.split(" | ")[1] for line in catalogue(url) if line.startswith("relation")}


@contextmanager
def other(url: str) -> Iterator[psycopg.Connection[Any]]:
    """Somebody else in the same database."""
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        yield connection


def test_the_migrations_lead_from_nothing_to_what_the_models_say(owner_url: str) -> None:
    assert differences(owner_url) == []


def test_a_column_that_no_migration_made_is_found(owner_url: str, config: Any) -> None:
    command.upgrade(config, "head")
    with other(owner_url) as connection:
        connection.execute("ALTER TABLE courses DROP COLUMN summary")
    assert differences(owner_url) == ["add_column courses summary"]


def test_every_revision_goes_down_to_the_one_before_and_up_to_the_same(owner_url: str, config: Any) -> None:
    steps = ["base", *revisions(config)]
    assert len(steps) > 7
    after = {"base": catalogue(owner_url)}
    for revision in steps[1:]:
        command.upgrade(config, revision)
        after[revision] = catalogue(owner_url)
        assert len(after[revision]) > len(after["base"])
    for revision in steps[-2::-1]:
        command.downgrade(config, revision)
        assert catalogue(owner_url) == after[revision], f"down to {revision}"
    command.upgrade(config, "head")
    assert catalogue(owner_url) == after[steps[-1]]


def test_what_is_compared_covers_what_migrations_make(owner_url: str, config: Any) -> None:
    command.upgrade(config, "head")
    kinds = {line.split(" | ")[0] for line in catalogue(owner_url)}
    assert kinds >= {"relation", "column", "constraint", "index", "policy", "trigger", "function"}
    grants = [line for line in catalogue(owner_url) if line.startswith("relation | orders ")]
    assert "belgenet_app=" in grants[0]


def test_all_belongs_to_the_owner_who_is_no_superuser(owner_url: str, config: Any) -> None:
    command.upgrade(config, "head")
    with other(owner_url) as connection:
        owners = connection.execute(
            "SELECT DISTINCT pg_get_userbyid(relowner) FROM pg_class WHERE relnamespace = 'public'::regnamespace"
        ).fetchall()
        rights = connection.execute(
            "SELECT rolname, rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user"
        ).fetchall()
    assert owners == [("belgenet_owner",)]
    assert rights == [("belgenet_owner", False, False)]


def test_every_tenant_table_is_behind_its_wall_after_migrating(owner_url: str, config: Any) -> None:
    command.upgrade(config, "head")
    engine = create_engine(owner_url)
    with engine.connect() as connection:
        assert connection.execute(UNPROTECTED).all() == []
        assert connection.scalar(text("SELECT count(*) FROM pg_policies WHERE schemaname = 'public'")) > 30
    engine.dispose()


def test_each_statement_of_a_migration_runs_under_the_timeouts(config: Any) -> None:
    found: list[tuple[str, str]] = []

    def look(_connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        if "CREATE TABLE" in statement and "alembic_version" not in statement:
            own = cursor.connection.execute(
                "SELECT current_setting('lock_timeout'), current_setting('statement_timeout')"
            )
            found.append(own.fetchone())

    event.listen(Engine, "before_cursor_execute", look)
    try:
        command.upgrade(config, "head")
    finally:
        event.remove(Engine, "before_cursor_execute", look)
    assert len(found) > 30
    assert set(found) == {("4s", "2min")}


def test_a_table_in_use_stops_a_migration_soon_and_nothing_is_half_done(owner_url: str, config: Any) -> None:
    command.upgrade(config, "head")
    before = catalogue(owner_url)
    last, previous = revisions(config)[-1], revisions(config)[-2]
    with other(owner_url) as busy:
        # All of them, whichever the last revision changes.
        named = busy.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        busy.execute(
            sql.SQL("LOCK TABLE {} IN ACCESS SHARE MODE").format(sql.SQL(", ").join(sql.Identifier(*x) for x in named))
        )
        started = time.monotonic()
        with pytest.raises(OperationalError, match="lock timeout"):
            command.downgrade(config, previous)
        assert time.monotonic() - started < 10
    assert catalogue(owner_url) == before
    with other(owner_url) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [(last,)]


def test_two_servers_that_migrate_together_do_it_one_after_the_other(owner_url: str, config: Any) -> None:
    errors: list[Exception] = []

    def migrate() -> None:
        try:
            command.upgrade(alembic_config(owner_url), "head")
        except DBAPIError as error:
            errors.append(error)

    with other(owner_url) as first:
        first.execute("SELECT pg_advisory_lock(4211779)")
        second = threading.Thread(target=migrate)
        second.start()
        second.join(5)
        assert second.is_alive(), "it did not wait for the other's migration, which may take longer than a lock may"
        assert tables(owner_url) == set()
    second.join(60)
    assert errors == []
    assert "orders" in tables(owner_url)


def test_a_migration_that_failed_keeps_nobody_out(owner_url: str, config: Any) -> None:
    with other(owner_url) as stranger:
        stranger.execute("CREATE TABLE tenants (id int)")
    with pytest.raises(DBAPIError):
        command.upgrade(config, "head")
    with other(owner_url) as stranger:
        assert stranger.execute("SELECT pg_try_advisory_lock(4211779)").fetchall() == [(True,)]
        stranger.execute("DROP TABLE tenants")
    command.upgrade(config, "head")


def test_a_database_that_a_later_release_was_at_is_known_as_such(owner_url: str, config: Any):
    """After going back to an older release: it runs on that database, and must not try to migrate it."""
    assert unknown_revision(config) == "", "an empty one"
    command.upgrade(config, "0001")
    assert unknown_revision(config) == ""
    with psycopg.connect(owner_url.replace("+psycopg", "")) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    assert unknown_revision(config) == "9999"
