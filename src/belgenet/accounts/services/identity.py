import uuid
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from belgenet.accounts.models import Account, Membership, PlatformSession, RefreshSession
from belgenet.accounts.services.people import known_roles
from belgenet.core.db import utcnow
from belgenet.core.security.identity import Identity
from belgenet.core.security.tokens import AccessClaims


class DatabaseIdentityLoader:
    """IdentityLoader with one statement: is the session alive, and which roles has its account here *now*. Roles are not in the
    token, so a change of roles, a sign-out or a disabled account takes effect with the next request.
    """

    def __init__(self, db: Session) -> None:
        self._db = db

    def load(self, claims: AccessClaims, tenant_id: uuid.UUID | None) -> Identity | None:
        """See IdentityLoader."""
        model: type[Any] = RefreshSession if tenant_id else PlatformSession
        roles: ColumnElement[Any] = Membership.roles if tenant_id else Account.platform_roles  # type: ignore[assignment]
        wanted = (
            select(Account.email, Account.locale, roles)
            .join(model, model.account_id == Account.id)
            .where(
                model.id == claims.session_id,
                model.account_id == claims.account_id,
                model.revoked_at.is_(None),
                model.expires_at > utcnow(),
                model.authenticated_at >= Account.sessions_since,
                Account.disabled_at.is_(None),
            )
        )
        if tenant_id:
            wanted = wanted.join(Membership, Membership.account_id == Account.id).where(
                Membership.tenant_id == tenant_id, model.tenant_id == tenant_id, Membership.disabled_at.is_(None)
            )
        found = self._db.execute(wanted).first()
        granted = known_roles(found[2]) if found else frozenset()
        if found is None or not granted:
            return None
        return Identity(claims.account_id, tenant_id, claims.session_id, granted, found[0], found[1])
