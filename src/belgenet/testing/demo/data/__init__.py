"""What the demo shows: two tenants with their people, courses and campaigns, made through the product's own services."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from belgenet.core.tasks import task_request
from belgenet.core.traversal import TenantDirectory
from belgenet.settings import Settings
from belgenet.settings import load as load_settings
from belgenet.tenancy.models import Tenant
from belgenet.tenancy.platform import TenantExistsError, create_tenant, platform_session
from belgenet.tenancy.schemas import TenantIn
from belgenet.testing.demo.accounts import DemoAccount
from belgenet.testing.demo.data import akademi, vakif
from belgenet.testing.demo.data.people import add_people

TENANTS = (
    TenantIn(slug="akademi", name="Belge Akademi", kind="academy"),
    TenantIn(slug="vakif", name="Kurban Cebimde Vakfı", kind="charity"),
)
_FILL = {"akademi": akademi.fill, "vakif": vakif.fill}


def load(environ: Mapping[str, str]) -> list[DemoAccount]:
    """Fill a migrated database; what is there already stays as it is. The settings come from the environment.

    :returns: who can sign in.
    """
    from belgenet.app import configure  # noqa: PLC0415 - the application is heavy, and this module is listed without it

    settings = load_settings({}, environ)
    config = configure(settings)
    config.commit()
    try:
        return fill(config.registry, settings)
    finally:
        config.registry["belgenet.engine"].dispose()


def fill(registry: Any, settings: Settings) -> list[DemoAccount]:
    """As :func:`load`, with a configured application."""
    accounts = []
    with task_request(registry, None) as request, platform_session(settings) as session:
        accounts += add_people(session, None, settings)
        directory: Any = request.service(TenantDirectory)
    for wanted in TENANTS:
        tenant_id = _tenant(settings, wanted)
        directory.forget()
        with task_request(registry, tenant_id) as request:
            accounts += add_people(request.db, request.tenant, settings)
            _FILL[wanted.slug](request)
    return accounts


def _tenant(settings: Settings, wanted: TenantIn) -> Any:
    try:
        with platform_session(settings) as session:
            return create_tenant(session, wanted).id
    except TenantExistsError:
        with platform_session(settings) as session:
            return session.scalars(select(Tenant.id).where(Tenant.slug == wanted.slug)).one()
