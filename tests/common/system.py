"""The installation under test and the handles tests need on it."""

import base64
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import redis
from pyramid.config import Configurator
from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.orm import Session
from tests.common.client import Client

from belgenet.core.db.session import SessionFactory, make_engine
from belgenet.core.outbox.relay import Relay
from belgenet.core.security import Role
from belgenet.core.tasks.deliver import deliver
from belgenet.core.tasks.surroundings import task_request
from belgenet.core.traversal import TenantDirectory, TenantInfo
from belgenet.settings import Settings, load

BASE_DOMAIN = "localhost"
MANY = 2000
"""Rows of a table."""
KEYS = f"test:{base64.b64encode(b'k' * 32).decode()}"


def build_settings(database: Any, redis_url: str, s3: Any, bucket: str, mail: Any, **extra: str) -> Settings:
    """Settings that point at the session's real servers."""
    host, _, port = mail.smtp_url.removeprefix("smtp://").rstrip("/").partition(":")
    values = {
        "app.environment": "test",
        "app.base_domain": BASE_DOMAIN,
        "database.url": database.app_url,
        "database.owner_url": database.owner_url,
        "database.platform_url": database.platform_url,
        "database.relay_url": database.relay_url,
        "cache.url": redis_url,
        "tasks.broker_url": redis_url,
        "tasks.max_attempts": "4",
        "storage.endpoint": s3.endpoint.removeprefix("http://"),
        "storage.access_key": s3.access_key,
        "storage.secret_key": s3.secret_key,
        "storage.bucket": bucket,
        "mail.host": host,
        "mail.port": port,
        **{f"sms.{key}": value for key, value in mail.sms_settings().items()},
        "security.jwt_keys": KEYS,
        "security.master_keys": KEYS,
        "security.argon2_time_cost": "1",
        "security.argon2_memory_kib": "1024",
        "limits.enabled": "false",
        "payments.iyzico_base_url": "http://127.0.0.1:9",
        "payments.stripe_api_base": "http://127.0.0.1:9",
        "payments.iyzico_api_key": "sandbox-test-api-key",
        "payments.iyzico_secret_key": "sandbox-test-secret-key",
        "payments.iyzico_identity_number": "10000000146",
        "payments.stripe_secret_key": "sk_test_belgenet",
        "payments.stripe_webhook_secret": "whsec_belgenet",
        **extra,
    }
    return load({f"belgenet.{key}": value for key, value in values.items()})


@dataclass
class System:
    """The application, its database seen from outside, and people to act as."""

    settings: Settings
    config: Configurator
    wsgi: Any
    superuser: Engine
    """The database's superuser: sets up and inspects, is never what is tested."""
    tables: list[str] = field(default_factory=list)

    @classmethod
    def build(cls, settings: Settings, superuser: Engine) -> "System":
        """Configure the application once."""
        from belgenet.app import configure

        config = configure(settings)
        wsgi = config.make_wsgi_app()
        owner = create_engine(settings.database.owner_url.get_secret_value())  # type: ignore[union-attr]
        with owner.connect() as connection:
            found = connection.execute(
                text("SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version'")
            )
            tables = list(found.scalars())
        system = cls(settings, config, wsgi, superuser, tables)
        system._owner = owner
        return system

    _owner: Any = None

    @property
    def registry(self) -> Any:
        return self.config.registry

    def close(self) -> None:
        for engine in (self.superuser, self._owner, self.registry["belgenet.engine"]):
            engine.dispose()

    def reset(self) -> None:
        """Empty every table, Redis and the mail sink's memory of them."""
        with self.superuser.begin() as connection:
            connection.execute(text("SET LOCAL lock_timeout = '20s'"))
            if connection.scalar(text(self._has_many)):
                connection.execute(text(f"TRUNCATE {', '.join(self.tables)} CASCADE"))
            else:
                # A tenth of the time of TRUNCATE, which makes new files. The role leaves triggers out: those that guard the
                # append-only tables, and those of foreign keys.
                connection.execute(text("SET LOCAL session_replication_role = replica"))
                connection.exec_driver_sql(";".join(f"DELETE FROM {name}" for name in self.tables))
        with redis.Redis.from_url(self.settings.cache.url.get_secret_value()) as client:
            client.flushdb()
        self.directory.forget()

    @cached_property
    def _has_many(self) -> str:
        """Whether deleting would take long, and leave more behind than autovacuum clears between two tests."""
        parts = " OR ".join(f"EXISTS (SELECT FROM {name} OFFSET {MANY})" for name in self.tables)
        return f"SELECT {parts}"

    def after_test(self) -> None:
        """A connection left in a transaction is a leak; say so at the test that made it."""
        pool = self.registry["belgenet.engine"].pool
        assert pool.checkedout() == 0, "a session was not closed"

    @property
    def directory(self) -> Any:
        return self.registry.settings and service(self.registry, TenantDirectory)

    # -- people and places -------------------------------------------------------------------------------------------

    def create_tenant(self, slug: str, kind: str, **fields: Any) -> TenantInfo:
        from belgenet.tenancy.platform import create_tenant
        from belgenet.tenancy.schemas import TenantIn

        wanted = TenantIn(slug=slug, kind=kind, **{"name": f"{slug.title()} Kurumu", **fields})  # type: ignore[arg-type]
        with Session(self.superuser, expire_on_commit=False) as session, session.begin():
            row = create_tenant(session, wanted)
        self.directory.forget()
        found: TenantInfo = self.directory.by_id(row.id)
        return found

    def client(self, tenant: TenantInfo | None, token: str | None = None) -> Client:
        host = f"{tenant.slug}.{BASE_DOMAIN}" if tenant else BASE_DOMAIN
        return Client(self.wsgi, host, token)

    def sign_in(self, tenant: TenantInfo | None, *roles: Role, email: str | None = None) -> "Person":
        """A new account with these roles, and a client that acts as it."""
        from tests.common.factories import make_person

        return make_person(self, tenant, roles, email)

    # -- inside ------------------------------------------------------------------------------------------------------

    @contextmanager
    def request(self, tenant: TenantInfo | None) -> Iterator[Any]:
        """Task surroundings: services, one transaction, row level security as the application's role."""
        with task_request(self.registry, tenant.id if tenant else None) as request:
            yield request

    @contextmanager
    def session(self, tenant: TenantInfo, *, superuser: bool = False) -> Iterator[Session]:
        """A session of the application's role (or, for rows that are the relay's to write, the superuser's) bound to the tenant;
        commits at the end.
        """
        engine = self.superuser if superuser else self.registry["belgenet.engine"]
        with SessionFactory(bind=engine, info={"tenant_id": tenant.id}) as session, session.begin():
            yield session

    def sql(self, statement: str, **parameters: Any) -> list[Any]:
        """Rows as the superuser, who sees and may do everything; writes are committed."""
        with self.superuser.begin() as connection:
            result = connection.execute(text(statement), parameters)
            return list(result) if result.returns_rows else []

    def drain(self, *, rounds: int = 50, until: Callable[[], bool] | None = None) -> int:
        """Do in this process what relay and workers do, until nothing is due (retries are not waited for)."""
        assert self.settings.database.relay_url
        engine = make_engine(self.settings.database.relay_url.get_secret_value(), self.settings, application="relay")
        done = 0
        due: list[tuple[uuid.UUID, uuid.UUID]] = []
        relay = Relay(engine, self.registry["belgenet.consumers"], lambda row: due.append((row.id, row.tenant_id)), 60)
        try:
            for _ in range(rounds):
                relay.step()
                if not due:
                    break
                for delivery_id, tenant_id in due:
                    deliver(self.registry, delivery_id, tenant_id)
                    done += 1
                due.clear()
                if until and until():
                    break
        finally:
            engine.dispose()
        return done

    @contextmanager
    def count_queries(self) -> Iterator[list[str]]:
        """Statements the application sends within the block, without the look at all tenants every few seconds."""
        self.directory.forget()
        self.directory.all_ids()
        seen: list[str] = []

        def note(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
            seen.append(statement)

        engine = self.registry["belgenet.engine"]
        event.listen(engine, "before_cursor_execute", note)
        try:
            yield seen
        finally:
            event.remove(engine, "before_cursor_execute", note)


@dataclass
class Person:
    """An account in a tenant and its client."""

    account_id: uuid.UUID
    email: str
    client: Client
    roles: tuple[Role, ...]


def service(registry: Any, interface: Any) -> Any:
    """What a request of this application would find."""
    from pyramid.scripting import prepare

    environment = prepare(request=None, registry=registry)
    try:
        return environment["request"].find_service(interface, context=None)
    finally:
        environment["closer"]()


def wait_until(condition: Callable[[], Any], seconds: float = 20, message: str = "") -> Any:
    """Poll until the condition holds. :raises AssertionError: it never did."""
    until = time.monotonic() + seconds
    while True:
        if result := condition():
            return result
        assert time.monotonic() < until, message or "condition never held"
        time.sleep(0.05)
