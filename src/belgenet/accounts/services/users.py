"""The tenant's members, for its administrator."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, contains_eager

from belgenet.accounts.models import Account, Membership
from belgenet.accounts.schemas import UserPatch, UsersQuery
from belgenet.accounts.services.searching import matches
from belgenet.core.db import utcnow
from belgenet.core.security import Role
from belgenet.core.web.errors import ErrorCode, FieldProblem, Problem
from belgenet.core.web.pagination import keyset

NOT_GRANTABLE = frozenset({Role.SUPER_ADMIN, Role.GUEST})
"""SUPER_ADMIN is the platform's to give; GUEST is what somebody without a password is."""


class Users:
    """Members of the bound tenant."""

    def __init__(self, db: Session) -> None:
        self._db = db

    def get(self, account_id: UUID) -> Membership | None:
        """The member with that account, or None."""
        found: Membership | None = self._db.scalar(_members().where(Membership.account_id == account_id))
        return found

    def page(self, query: UsersQuery) -> tuple[Sequence[Membership], str | None]:
        """Members, newest first; guests only when asked for."""
        found = _members()
        if query.q:
            found = found.where(*matches(query.q))
        if query.role:
            found = found.where(Membership.roles.contains([query.role.value]))
        if not query.guests and query.role != Role.GUEST:
            found = found.where(Account.is_guest.is_(False))
        return keyset(self._db, found, query, (Membership.created_at, Membership.id))

    def change(self, member: Membership, patch: UserPatch) -> tuple[dict[str, Any], dict[str, Any]]:
        """Apply a patch; the changed fields before and after, JSON types only.

        :raises Problem: ``invalid_input`` (a role that cannot be given), ``last_administrator`` (409).
        """
        wanted = _wanted(member, patch)
        before = {name: value for name, value in _state(member).items() if name in wanted and wanted[name] != value}
        after = {name: wanted[name] for name in before}
        if before:
            self._keep_an_administrator(member, wanted)
        if "roles" in after:
            member.roles = after["roles"]
        if "full_name" in after:
            member.full_name = after["full_name"]
        if "disabled" in after:
            member.disabled_at = utcnow() if after["disabled"] else None
        self._db.flush()
        return before, after

    def _keep_an_administrator(self, member: Membership, wanted: dict[str, Any]) -> None:
        """Refuse to leave the tenant without anybody who could undo it. The rows are locked, so of two administrators who
        remove each other one comes second and sees it.
        """
        stays = Role.TENANT_ADMIN in wanted.get("roles", member.roles) and not wanted.get("disabled", False)
        if stays or Role.TENANT_ADMIN not in member.roles or member.disabled_at is not None:
            return
        able = (
            select(Membership.account_id)
            .join(Account, Account.id == Membership.account_id)
            .where(Membership.roles.contains([Role.TENANT_ADMIN.value]), Membership.disabled_at.is_(None))
            .where(Account.disabled_at.is_(None), Account.password_hash.is_not(None))
            .order_by(Membership.id)
            .with_for_update(of=Membership)
        )
        if not set(self._db.scalars(able)) - {member.account_id}:
            raise Problem(ErrorCode.LAST_ADMINISTRATOR, 409)


def _wanted(member: Membership, patch: UserPatch) -> dict[str, Any]:
    """The patch as plain values, roles sorted and each once."""
    wanted: dict[str, Any] = {}
    if patch.roles is not None:
        roles = sorted(set(patch.roles))
        if member.account.is_guest or NOT_GRANTABLE & set(roles):
            raise Problem(ErrorCode.INVALID_INPUT, 400, fields=[FieldProblem("roles", "role_not_grantable")])
        wanted["roles"] = [role.value for role in roles]
    if patch.full_name is not None:
        wanted["full_name"] = patch.full_name
    if patch.disabled is not None:
        wanted["disabled"] = patch.disabled
    return wanted


def _state(member: Membership) -> dict[str, Any]:
    return {"roles": sorted(member.roles), "full_name": member.name, "disabled": member.disabled_at is not None}


def _members() -> Any:
    joined = select(Membership).join(Membership.account)
    return joined.options(contains_eager(Membership.account))
