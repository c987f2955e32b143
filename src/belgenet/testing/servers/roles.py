"""Database roles and databases, given a superuser's URL. The SQL itself ships in ``belgenet.migrations``."""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from sqlalchemy import URL, Engine, create_engine

ROLES = ("owner", "app", "platform", "relay")
_SCHEME = "postgresql+psycopg"


@dataclass(frozen=True)
class DatabaseCredentials:
    """SQLAlchemy URLs of one database, one per role (``postgresql+psycopg://...``)."""

    name: str
    owner_url: str
    app_url: str
    platform_url: str
    relay_url: str


@dataclass(frozen=True)
class DatabaseServer:
    """A running PostgreSQL with our roles in it.

    :param url: libpq URL of a superuser.
    :param passwords: passwords of the product roles (keys: `ROLES`).
    """

    url: str
    passwords: dict[str, str]

    def create_database(self, name: str, *, template: str | None = None) -> DatabaseCredentials:
        """Create database `name` unless it exists (see `create_database`) and return its URLs per role."""
        create_database(self.url, name, template=template)
        return credentials(self.url, name, self.passwords)

    def drop_database(self, name: str) -> None:
        """Drop a database, ending its connections."""
        drop_database(self.url, name)


def role_passwords(superuser: str) -> dict[str, str]:
    """Derive the roles' passwords from the superuser's connection: one server always gives the same ones."""
    key = superuser.encode()
    return {role: hmac.new(key, role.encode(), hashlib.sha256).hexdigest()[:40] for role in ROLES}


def create_roles(superuser: str, passwords: Mapping[str, str]) -> None:
    """Run ``roles.sql`` (idempotent).

    :param superuser: libpq URL or connection string of a superuser.
    :param passwords: password per key of `ROLES`; a missing one is left as it is.
    """
    with psycopg.connect(superuser) as connection:
        for role, password in passwords.items():
            connection.execute("select set_config(%s, %s, true)", (f"belgenet.{role}_password", password))
        connection.execute(_script("roles.sql"))


def create_database(superuser: str, name: str, *, template: str | None = None) -> None:
    """Create a UTF-8 database owned by ``belgenet_owner`` unless it exists, and set its rights.

    :param template: copy this database instead (it must have no connections); rights are copied with it.
    :raises psycopg.Error: when the server refuses.
    """
    with psycopg.connect(superuser, autocommit=True) as connection:
        known = connection.execute("select 1 from pg_database where datname = %s", (name,)).fetchone()
        if not known:
            source = sql.SQL("template {} strategy file_copy").format(sql.Identifier(template or "template0"))
            form = sql.SQL("" if template else " encoding 'UTF8' locale 'C.UTF-8'")
            connection.execute(
                sql.SQL("create database {} owner belgenet_owner ").format(sql.Identifier(name)) + source + form
            )
    with psycopg.connect(make_conninfo(superuser, dbname=name)) as connection:
        connection.execute(_script("database.sql"))


def drop_database(superuser: str, name: str) -> None:
    """Drop a database, ending its connections; harmless when it does not exist."""
    with psycopg.connect(superuser, autocommit=True) as connection:
        connection.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))


def credentials(superuser: str, name: str, passwords: Mapping[str, str]) -> DatabaseCredentials:
    """Return the roles' URLs for one database on the superuser's server."""
    server = conninfo_to_dict(superuser)

    def url(role: str) -> str:
        return URL.create(
            _SCHEME,
            username=f"belgenet_{role}",
            password=passwords[role],
            host=str(server.get("host", "127.0.0.1")),
            port=int(server.get("port") or 5432),
            database=name,
        ).render_as_string(hide_password=False)

    return DatabaseCredentials(name, url("owner"), url("app"), url("platform"), url("relay"))


def superuser_engine(superuser: str, name: str) -> Engine:
    """An engine of the superuser for one database: sets up and inspects what no role of the product may write.

    :param superuser: libpq URL or connection string.
    """
    conninfo = make_conninfo(superuser, dbname=name)
    return create_engine(f"{_SCHEME}://", creator=lambda: psycopg.connect(conninfo), pool_size=2)


def _script(name: str) -> bytes:
    return files("belgenet.migrations").joinpath(name).read_bytes()
