"""Who a token's bearer is now, in one statement that rides with the transaction's first round trip."""

import uuid
from collections.abc import Callable
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, bindparam, func, select
from sqlalchemy.dialects.postgresql import psycopg
from sqlalchemy.orm import Session

from belgenet.accounts.models import Account, Membership, PlatformSession, RefreshSession
from belgenet.accounts.services.people import known_roles
from belgenet.core.db.session import Rider
from belgenet.core.security.identity import Identity
from belgenet.core.security.tokens import AccessClaims


@cache
def _statement(*, tenant: bool) -> str:
    """SQL that finds e-mail, language and roles of a living session; parameters ``session``, ``account`` and ``tenant``."""
    model: type[Any] = RefreshSession if tenant else PlatformSession
    roles: ColumnElement[Any] = Membership.roles if tenant else Account.platform_roles  # type: ignore[assignment]
    wanted = (
        select(Account.email, Account.locale, roles)
        .join(model, model.account_id == Account.id)
        .where(
            model.id == bindparam("session", type_=model.id.type),
            model.account_id == bindparam("account", type_=model.id.type),
            model.revoked_at.is_(None),
            model.expires_at > func.now(),
            model.authenticated_at >= Account.sessions_since,
            Account.disabled_at.is_(None),
        )
    )
    if tenant:
        here = bindparam("tenant", type_=model.id.type)
        wanted = wanted.join(Membership, Membership.account_id == Account.id).where(
            Membership.tenant_id == here, model.tenant_id == here, Membership.disabled_at.is_(None)
        )
    return str(wanted.compile(dialect=psycopg.dialect()))  # type: ignore[no-untyped-call]


class DatabaseIdentityLoader:
    """IdentityLoader: is the session alive, and which roles has its account here *now*. Roles are not in the token, so a change
    of roles, a sign-out or a disabled account takes effect with the next request.
    """

    def __init__(self, db: Session) -> None:
        self._db = db

    def begin(self, claims: AccessClaims, tenant_id: uuid.UUID | None) -> Callable[[], Identity | None]:
        """See IdentityLoader."""
        parameters = {"session": claims.session_id, "account": claims.account_id, "tenant": tenant_id}
        rider = Rider(self._db, _statement(tenant=tenant_id is not None), parameters)

        def answer() -> Identity | None:
            found = rider.row()
            granted = known_roles(found[2]) if found else frozenset()
            if found is None or not granted:
                return None
            return Identity(claims.account_id, tenant_id, claims.session_id, granted, found[0], found[1])

        return answer
