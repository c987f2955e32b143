from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

import belgenet
from belgenet.core.traversal import TenantInfo
from belgenet.settings import Settings
from belgenet.tenancy.models import Tenant
from belgenet.tenancy.schemas import Branding, SiteOut, SitePatch, TenantOut


def providers_available(settings: Settings) -> list[str]:
    """Payment providers whose keys are configured."""
    payments = settings.payments
    found = []
    if payments.iyzico_api_key.get_secret_value() and payments.iyzico_secret_key.get_secret_value():
        found.append("iyzico")
    if payments.stripe_secret_key.get_secret_value():
        found.append("stripe")
    return found


def providers_offered(tenant: TenantInfo, settings: Settings) -> list[str]:
    """Available providers the tenant has not switched off."""
    wanted = tenant.overrides.get("providers")
    return [name for name in providers_available(settings) if wanted is None or name in wanted]


def tenant_out(tenant: TenantInfo) -> TenantOut:
    """The public form of a tenant."""
    return TenantOut(
        id=tenant.id,
        slug=tenant.slug,
        name=tenant.name,
        kind=tenant.kind,
        locale=tenant.locale,
        currency=tenant.currency,
        time_zone=tenant.time_zone,
        branding=Branding(**tenant.branding),
    )


def site_of(tenant: TenantInfo | None, settings: Settings) -> SiteOut:
    """The public face of a host."""
    if tenant is None:
        return SiteOut(tenant=None, platform=True, api_version=belgenet.__version__)
    providers = providers_offered(tenant, settings)
    return SiteOut(
        tenant=tenant_out(tenant),
        providers=providers,
        sandbox=settings.payments.may_be_tests(providers),
        api_version=belgenet.__version__,
    )


def current_tenant(session: Session) -> Tenant:
    """The bound tenant's row."""
    return session.scalars(select(Tenant).where(Tenant.id == session.info["tenant_id"])).one()


def change_site(session: Session, patch: SitePatch) -> tuple[dict[str, Any], dict[str, Any]]:
    """Apply a patch to the bound tenant; the changed fields before and after."""
    row = current_tenant(session)
    changes = patch.model_dump(exclude_unset=True, exclude={"branding", "providers"})
    if patch.branding is not None:
        changes["branding"] = {**row.branding, **patch.branding.model_dump(exclude_unset=True)}
    if patch.providers is not None:
        changes["overrides"] = {**row.overrides, "providers": list(patch.providers)}
    before = {key: getattr(row, key) for key in changes}
    for key, value in changes.items():
        setattr(row, key, value)
    session.flush()
    return before, changes
