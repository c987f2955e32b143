"""The institution's own work on tenants, as the platform role. Each change is written into the changed tenant's audit log, in the
same transaction: the tenant's own administrators see what was done to it from above.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from belgenet.accounts.interfaces import AdministratorInviter
from belgenet.admin.schemas import ManagedTenantOut, NewTenant, TenantPatch
from belgenet.core.audit import AuditEvent
from belgenet.core.db import utcnow
from belgenet.core.web.errors import ErrorCode, FieldProblem, Problem
from belgenet.core.web.pagination import PageQuery, keyset
from belgenet.tenancy.directory import info_of
from belgenet.tenancy.models import Tenant
from belgenet.tenancy.platform import TenantExistsError, create_tenant
from belgenet.tenancy.schemas import TenantIn
from belgenet.tenancy.services import tenant_out

log = structlog.get_logger(__name__)
QUOTA = "storage_quota_bytes"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does it, for the record. ``account_id`` None: the administrator of the server, by a command."""

    account_id: UUID | None
    address: str | None
    request_id: str


def find(session: Session, query: PageQuery) -> tuple[Sequence[Tenant], str | None]:
    """One page of tenants, newest first; read with the application's own role."""
    return keyset(session, select(Tenant), query, (Tenant.id,))


def create(session: Session, actor: Actor, wanted: NewTenant, invite: AdministratorInviter) -> ManagedTenantOut:
    """Add a tenant and, with ``admin_email``, its first administrator.

    :param session: of the platform role.
    :raises Problem: ``slug_taken``.
    """
    plain = TenantIn(**wanted.model_dump(exclude={"admin_email"}))
    _check_domain(session, None, plain.domain)
    try:
        row = create_tenant(session, plain)
    except TenantExistsError:
        raise _taken("slug") from None
    session.info["tenant_id"] = row.id
    _record(session, actor, row.id, "tenant.create", None, plain.model_dump())
    invited = None
    if wanted.admin_email:
        invited = invite(session, row.id, email=wanted.admin_email, locale=row.locale)
    session.flush()
    return tenant_detail(row, invited=invited)


def change(
    session: Session, actor: Actor, tenant_id: UUID, patch: TenantPatch, check: Callable[[int], None]
) -> ManagedTenantOut:
    """Rename, suspend or resume a tenant, move its domain, set its quota. A suspended tenant answers nobody within seconds.

    :param session: of the platform role.
    :param check: raises when the tenant's version is not the one the caller knows.
    :raises Problem: ``slug_taken`` when another tenant has the domain; what ``check`` raises.
    """
    row = session.scalars(select(Tenant).where(Tenant.id == tenant_id).with_for_update()).one()
    check(row.version)
    wanted = _columns(row, patch)
    before = {name: getattr(row, name) for name in wanted if getattr(row, name) != wanted[name]}
    _check_domain(session, row.id, wanted.get("domain"))
    for name in before:
        setattr(row, name, wanted[name])
    try:
        session.flush()
    except IntegrityError:  # another tenant took it since we looked
        raise _taken("domain") from None
    if before:
        _record(session, actor, row.id, "tenant.update", before, {name: wanted[name] for name in before})
    session.flush()
    return tenant_detail(row)


def _columns(row: Tenant, patch: TenantPatch) -> dict[str, Any]:
    """Columns the patch speaks of, with the values it wants."""
    given = patch.model_dump(exclude_unset=True)
    wanted: dict[str, Any] = {name: given[name] for name in ("name", "domain") if name in given}
    if "suspended" in given:
        wanted["suspended_at"] = (row.suspended_at or utcnow()) if given["suspended"] else None
    if QUOTA in given:
        others = {key: value for key, value in row.overrides.items() if key != QUOTA}
        wanted["overrides"] = others if given[QUOTA] is None else {**others, QUOTA: given[QUOTA]}
    return wanted


def _check_domain(session: Session, tenant_id: UUID | None, domain: str | None) -> None:
    if domain is None:
        return
    if (
        session.scalar(select(Tenant.id).where(Tenant.domain == domain, Tenant.id.is_distinct_from(tenant_id)))
        is not None
    ):
        raise _taken("domain")


def _taken(field: str) -> Problem:
    return Problem(ErrorCode.SLUG_TAKEN, 409, fields=[FieldProblem(field, "tenant_taken")])


def _record(
    session: Session, actor: Actor, tenant_id: UUID, action: str, before: dict[str, Any] | None, after: dict[str, Any]
) -> None:
    act = {"before": _plain(before), "after": _plain(after)}
    session.add(
        AuditEvent(
            tenant_id=tenant_id,
            action=action,
            actor_id=actor.account_id,
            actor_address=actor.address,
            target_type="tenant",
            target_id=str(tenant_id),
            request_id=actor.request_id,
            **act,
        )
    )
    log.info("platform.use", action=action, target=str(tenant_id), actor=str(actor.account_id), **act)


def _plain(fields: dict[str, Any] | None) -> dict[str, Any] | None:
    if fields is None:
        return None
    return {name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in fields.items()}


def tenant_detail(row: Tenant, *, invited: bool | None = None) -> ManagedTenantOut:
    """The answer's form of a tenant."""
    return ManagedTenantOut(
        **tenant_out(info_of(row)).model_dump(),
        domain=row.domain,
        suspended=row.suspended_at is not None,
        version=row.version,
        created_at=row.created_at,
        storage_quota_bytes=row.overrides.get(QUOTA),
        invited=invited,
    )
