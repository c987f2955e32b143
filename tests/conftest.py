"""The system under test: real PostgreSQL as the application's role, real Redis, real S3, one database per test process."""

import os
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from tests.common.client import Client
from tests.common.system import System, build_settings
from webtest import TestApp

from belgenet.testing.servers import superuser_engine

pytest_plugins = ["tests.common.plugin"]

hypothesis_settings.register_profile(
    "default", deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
hypothesis_settings.load_profile("default")
os.environ.pop("BELGENET_CONFIG", None)
# Structlog's own default draws every variable of every frame: half a minute for one error, in which the request still runs.
structlog.configure(
    processors=[
        *structlog.get_config()["processors"][:-1],
        structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback),
    ]
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The chaos tests take minutes: they begin first, so that nobody waits for them alone at the end."""
    items.sort(key=lambda item: "chaos" not in item.path.parts)


@pytest.fixture(scope="session")
def migrate_database() -> Any:
    """How the template database gets its schema: the migrations, as the owner."""
    from alembic import command

    from belgenet.core.db.migrate import alembic_config

    return lambda owner_url: command.upgrade(alembic_config(owner_url), "head")


@pytest.fixture(scope="session")
def settings(database: Any, redis_url: str, s3_server: Any, s3_bucket: str, mail_sink: Any) -> Any:
    """Settings of the installation under test."""
    return build_settings(database, redis_url, s3_server, s3_bucket, mail_sink)


@pytest.fixture(scope="session")
def session_system(settings: Any, pg_server: Any, database: Any) -> Iterator[System]:
    """The configured application; built once, because Cornice services are process-global."""
    system = System.build(settings, superuser_engine(pg_server.url, database.name))
    yield system
    system.close()


@pytest.fixture
def system(session_system: System, mail_sink: Any) -> Iterator[System]:
    """The application over an empty database: every tenant table is truncated, Redis flushed, mails cleared before the test."""
    session_system.reset()
    mail_sink.clear()
    yield session_system
    session_system.after_test()


@pytest.fixture
def tenant(system: System) -> Any:
    """A charity at ``vakif.localhost``."""
    return system.create_tenant("vakif", "charity")


@pytest.fixture
def other_tenant(system: System) -> Any:
    """An academy at ``akademi.localhost``."""
    return system.create_tenant("akademi", "academy")


@pytest.fixture
def app(system: System, tenant: Any) -> Client:
    """An anonymous client of ``tenant``."""
    return system.client(tenant)


@pytest.fixture
def wsgi(system: System) -> TestApp:
    """The bare WSGI application."""
    return TestApp(system.wsgi)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--write-matrix", action="store_true", help="rewrite tests/security/matrix.json from what is allowed now"
    )
