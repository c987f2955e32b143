"""Work above the tenants, as the platform role: only the institution's console and its commands come here."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, create_engine, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from zope.sqlalchemy.datamanager import STATUS_CHANGED, SessionDataManager

from belgenet.core.db.session import RequestSession
from belgenet.settings import Settings, SettingsError
from belgenet.tenancy.announce import announce_changes
from belgenet.tenancy.models import Tenant
from belgenet.tenancy.schemas import TenantIn


class TenantExistsError(Exception):
    """The slug or the domain is taken."""


class _LastToCommit(SessionDataManager):
    """Sorts behind every other session of a transaction, which is the order they commit in."""

    def sortKey(self) -> str:  # noqa: N802
        return "~~belgenet.platform"


@contextmanager
def platform_session(settings: Settings) -> Iterator[Session]:
    """A session of the platform role in one transaction: raise = roll back. For commands.

    :raises SettingsError: ``database.platform_url`` is not set.
    """
    engine = _engine(settings)
    try:
        with Session(engine, expire_on_commit=False) as session, session.begin():
            announce_changes(session, settings.app.signals_dir)
            yield session
    finally:
        engine.dispose()


def joined_session(request: Any) -> Session:
    """A session of the platform role that ends with the request's transaction: what it wrote is there when the answer is, and what
    fails before the commit leaves nothing of it or of ``request.db``. The two commit one after the other, this one last: should
    its commit fail, what ``request.db`` wrote stays, so what must not stand alone is written through this session.

    :raises SettingsError: ``database.platform_url`` is not set.
    """
    engine = _engine(request.settings)
    session = RequestSession(bind=engine, info={"tm": request.tm}, expire_on_commit=False)
    announce_changes(session, request.settings.app.signals_dir)
    _LastToCommit(session, STATUS_CHANGED, request.tm)

    def end(_request: Any) -> None:
        session.close()
        engine.dispose()

    request.add_finished_callback(end)
    return session


def _engine(settings: Settings) -> Engine:
    if settings.database.platform_url is None:
        raise SettingsError("missing setting 'database.platform_url': needed for work on tenants")
    return create_engine(
        settings.database.platform_url.get_secret_value(),
        pool_size=1,
        hide_parameters=True,
        connect_args={"application_name": "belgenet-platform"},
    )


def create_tenant(session: Session, wanted: TenantIn) -> Tenant:
    """Add a tenant. :raises TenantExistsError:"""
    taken = select(Tenant.id).where(
        (Tenant.slug == wanted.slug) | ((Tenant.domain == wanted.domain) & Tenant.domain.is_not(None))
    )
    if session.scalar(taken) is not None:
        raise TenantExistsError(wanted.slug)
    row = Tenant(**wanted.model_dump(), branding={}, overrides={})
    session.add(row)
    try:
        session.flush()
    except IntegrityError as error:  # somebody took it since we looked
        raise TenantExistsError(wanted.slug) from error
    return row
