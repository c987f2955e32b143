"""The four roles can do what their names say, and no more."""

import psycopg
import pytest
from sqlalchemy import NullPool, create_engine, text

from belgenet.testing.servers import DatabaseServer, create_roles
from belgenet.testing.servers.roles import ROLES, credentials, role_passwords

NAME = "roles_under_test"


def libpq(url: str) -> str:
    return url.replace("postgresql+psycopg", "postgresql")


@pytest.fixture(scope="module")
def urls(pg_server: DatabaseServer):
    """libpq URL per role, for a database of this module."""
    made = pg_server.create_database(NAME)
    yield {role: libpq(getattr(made, f"{role}_url")) for role in ROLES}
    pg_server.drop_database(NAME)


def attributes(pg_server: DatabaseServer, role: str) -> tuple[bool, ...]:
    with psycopg.connect(pg_server.url) as connection:
        row = connection.execute(
            "select rolsuper, rolbypassrls, rolcreatedb, rolcreaterole, rolreplication, rolinherit"
            " from pg_roles where rolname = %s",
            (f"belgenet_{role}",),
        ).fetchone()
    assert row is not None
    return row


@pytest.mark.parametrize("role", ROLES)
def test_only_the_platform_passes_row_level_security(pg_server: DatabaseServer, role: str) -> None:
    assert attributes(pg_server, role) == (False, role == "platform", False, False, False, False)


@pytest.mark.parametrize("role", ROLES)
def test_every_role_signs_in_with_its_own_password(urls: dict[str, str], role: str) -> None:
    with psycopg.connect(urls[role]) as connection:
        assert connection.execute("select current_user").fetchone() == (f"belgenet_{role}",)


def test_passwords_differ() -> None:
    assert len(set(role_passwords("postgresql://somewhere").values())) == len(ROLES)
    assert role_passwords("a") != role_passwords("b")
    assert role_passwords("a") == role_passwords("a")


def test_the_owner_makes_tables(urls: dict[str, str]) -> None:
    with psycopg.connect(urls["owner"]) as connection:
        connection.execute("create table made (id int)")
        connection.rollback()


@pytest.mark.parametrize("role", ["app", "platform", "relay"])
def test_nobody_else_makes_tables(urls: dict[str, str], role: str) -> None:
    with psycopg.connect(urls[role]) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("create table made (id int)")


@pytest.mark.parametrize("role", ["app", "platform", "relay"])
def test_a_table_is_closed_until_a_migration_opens_it(urls: dict[str, str], role: str) -> None:
    with psycopg.connect(urls["owner"]) as connection:
        connection.execute("create table if not exists closed (id int)")
    with psycopg.connect(urls[role]) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("select * from closed")


@pytest.mark.parametrize("role", ["app", "platform", "relay"])
def test_no_role_becomes_another(urls: dict[str, str], role: str) -> None:
    with psycopg.connect(urls[role]) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("set role belgenet_owner")


def test_strangers_cannot_even_connect(pg_server: DatabaseServer, urls: dict[str, str]) -> None:
    with psycopg.connect(pg_server.url, autocommit=True) as connection:
        connection.execute("drop role if exists stranger")
        connection.execute("create role stranger login password 'stranger'")
    stranger = libpq(credentials(pg_server.url, NAME, dict.fromkeys(ROLES, "stranger")).app_url)
    try:
        with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
            psycopg.connect(stranger.replace("belgenet_app", "stranger"))
    finally:
        with psycopg.connect(pg_server.url, autocommit=True) as connection:
            connection.execute("drop role stranger")


def test_running_the_script_again_changes_nothing(pg_server: DatabaseServer, urls: dict[str, str]) -> None:
    before = [attributes(pg_server, role) for role in ROLES]
    create_roles(pg_server.url, {})
    create_roles(pg_server.url, pg_server.passwords)
    assert [attributes(pg_server, role) for role in ROLES] == before
    with psycopg.connect(urls["app"]) as connection:
        assert connection.execute("select 1").fetchone() == (1,)


def test_a_database_can_be_created_twice_and_copied(pg_server: DatabaseServer, urls: dict[str, str]) -> None:
    with psycopg.connect(urls["owner"]) as connection:
        connection.execute("create table if not exists copied as select 1 as id")
    assert libpq(pg_server.create_database(NAME).owner_url) == urls["owner"]
    copy = pg_server.create_database(f"{NAME}_copy", template=NAME)
    try:
        with psycopg.connect(libpq(copy.owner_url)) as connection:
            assert connection.execute("select * from copied").fetchone() == (1,)
        with psycopg.connect(libpq(copy.app_url)) as connection:
            assert connection.execute("select current_database()").fetchone() == (f"{NAME}_copy",)
    finally:
        pg_server.drop_database(f"{NAME}_copy")
        pg_server.drop_database(f"{NAME}_copy")


def test_a_name_with_quotes_is_only_a_name(pg_server: DatabaseServer) -> None:
    name = """odd"; drop database 'x"""
    made = pg_server.create_database(name)
    try:
        engine = create_engine(made.app_url, poolclass=NullPool)
        with engine.connect() as connection:
            assert connection.scalar(text("select current_database()")) == name
    finally:
        pg_server.drop_database(name)
