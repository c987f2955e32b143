"""Sessions. Each begins its transaction by telling PostgreSQL the tenant, so row level security holds for every statement."""

import uuid
from typing import Any

import psycopg
from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session, SessionTransaction, sessionmaker
from transaction._transaction import Status
from zope.sqlalchemy.datamanager import STATUS_CHANGED, join_transaction

from belgenet.core.db.pool import MeasuredPool, measure
from belgenet.settings import Settings

TENANT_SETTING = "app.tenant_id"
_SET_TENANT = text(f"SELECT set_config('{TENANT_SETTING}', :tenant, true)")
_SET_TENANT_DRIVER = f"SELECT set_config('{TENANT_SETTING}', %s, true)"


class TenantSession(Session):
    """A session of the application role; sees the bound tenant's rows and, while none is bound, no tenant's."""


class RequestSession(TenantSession):
    """A session that begins and ends with the transaction manager ``info["tm"]``.

    It listens as ``zope.sqlalchemy.register`` would, but once for the class: registering listeners with each request's session
    costs more than one of its queries.
    """


class TenantRebindError(RuntimeError):
    """A session that served one tenant was asked to serve another."""


SessionFactory = sessionmaker(class_=TenantSession)


def make_engine(url: str, settings: Settings, *, application: str) -> Engine:
    """An engine with the timeouts of ``settings.database``; ``application`` shows in ``pg_stat_activity``."""
    database = settings.database
    options = f"-c statement_timeout={database.statement_timeout_ms} -c lock_timeout={database.lock_timeout_ms}"
    engine = create_engine(
        url,
        poolclass=MeasuredPool,
        pool_size=database.pool_size,
        max_overflow=database.max_overflow,
        pool_timeout=database.pool_timeout_seconds,
        pool_pre_ping=False,
        pool_recycle=1800,
        hide_parameters=True,  # errors reach logs and the panel's dead letters; what was written may be a secret or a name
        connect_args={"options": options, "application_name": f"belgenet-{application}", "connect_timeout": 5},
    )
    measure(engine, application, database.pool_size + database.max_overflow)
    return engine


class Rider:
    """A query that rides with the transaction's first round trip (BEGIN, the tenant's setting and this, in one pipeline).

    Round trips are most of what a small request costs; see ``benchmarks/RESULTS.md``.
    """

    def __init__(self, session: Session, sql: str, parameters: dict[str, Any]) -> None:
        self._session = session
        self.sql = sql
        self.parameters = parameters
        self._row: tuple[Any, ...] | None = None
        self._arrived = False
        if session.in_transaction():
            self.arrive(driver_of(session.connection()).execute(sql, parameters).fetchone())
        else:
            session.info.setdefault("riders", []).append(self)

    def arrive(self, row: tuple[Any, ...] | None) -> None:
        """Called with the answer."""
        self._row, self._arrived = row, True

    def row(self) -> tuple[Any, ...] | None:
        """The first row, beginning the transaction if nothing has yet."""
        if not self._arrived:
            self._session.connection()
        return self._row


def driver_of(connection: Connection) -> psycopg.Connection[tuple[Any, ...]]:
    """psycopg's connection below SQLAlchemy's."""
    driver: psycopg.Connection[tuple[Any, ...]] = connection.connection.driver_connection  # type: ignore[assignment]
    return driver


@event.listens_for(TenantSession, "after_begin")
def _announce_tenant(session: Session, transaction: SessionTransaction, connection: Connection) -> None:
    tenant_id = session.info.get("tenant_id")
    riders: list[Rider] = session.info.pop("riders", [])
    if transaction.nested or (tenant_id is None and not riders):
        return
    driver = driver_of(connection)
    try:
        with driver.pipeline():
            if tenant_id is not None:
                driver.execute(_SET_TENANT_DRIVER, (str(tenant_id),))
            answers = [driver.execute(rider.sql, rider.parameters) for rider in riders]
    except psycopg.OperationalError as error:
        if driver.closed:
            _let_go(connection, error)
        raise
    for rider, answer in zip(riders, answers, strict=True):
        rider.arrive(answer.fetchone())


def _let_go(connection: Connection, error: psycopg.OperationalError) -> None:
    """A pooled connection turned out to be dead, so the server was restarted and the others are dead too. SQLAlchemy does this by
    itself for statements it sends. Nothing has happened in this transaction: the request may run again.
    """
    from pyramid_retry import mark_error_retryable  # noqa: PLC0415 - commands that only read models need no Pyramid

    connection.invalidate(error)
    connection.engine.dispose()
    mark_error_retryable(error)


@event.listens_for(TenantSession, "before_flush")
def _stamp_tenant(session: Session, _context: Any, _instances: Any) -> None:
    tenant_id = session.info.get("tenant_id")
    for row in session.new:
        if hasattr(row, "tenant_id") and row.tenant_id is None:
            row.tenant_id = tenant_id


@event.listens_for(RequestSession, "after_begin")
@event.listens_for(RequestSession, "after_attach")
def _join(session: Session, *_: Any) -> None:
    """As changed, also when it only reads: a ROLLBACK would make psycopg forget its prepared statements, and PostgreSQL would
    parse and plan every statement of every request anew, half of its work for a page. So what is not refused is committed.
    """
    join_transaction(session, STATUS_CHANGED, session.info["tm"])


@event.listens_for(RequestSession, "before_commit")
def _only_through_the_manager(session: Session) -> None:
    if not session.in_nested_transaction() and session.info["tm"].get().status != Status.COMMITTING:
        raise RuntimeError("commit through the transaction manager")


def bind_tenant(session: Session, tenant_id: uuid.UUID) -> None:
    """Tie the session to one tenant for its whole life.

    :raises TenantRebindError: it is tied to another one already.
    """
    if session.info.setdefault("tenant_id", tenant_id) != tenant_id:
        raise TenantRebindError(str(tenant_id))
    if session.in_transaction():
        session.execute(_SET_TENANT, {"tenant": str(tenant_id)})


def request_session(request: Any) -> Session:
    """``request.db``: one session, one transaction per request, joined to ``request.tm``."""
    session = RequestSession(bind=request.registry["belgenet.engine"], info={"tm": request.tm})
    request.add_finished_callback(lambda _request: session.close())
    return session


def includeme(config: Any) -> None:
    settings: Settings = config.registry.settings["belgenet"]
    engine = make_engine(settings.database.url.get_secret_value(), settings, application="app")
    config.registry["belgenet.engine"] = engine
    config.add_request_method(request_session, "db", reify=True)
