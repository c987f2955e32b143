"""People for tests: rows as a verified sign-in would have left them, without the cost of mails and password hashes."""

import secrets
import uuid
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import Session

from belgenet.core.db import utcnow
from belgenet.core.security import Role

if TYPE_CHECKING:
    from tests.common.system import Person, System

DEFAULT_PASSWORD = "correct horse battery 1"


def make_person(
    system: "System", tenant: Any, roles: tuple[Role, ...], email: str | None, full_name: str = "Ayşe Işık"
) -> "Person":
    """An account with a live session in the tenant (None: the platform), and a client that holds its access token.

    Without roles the person is a DONOR; the account has no password, tests of signing in set one themselves.
    """
    from tests.common.system import Person

    email = email or f"{uuid.uuid4().hex[:10]}@example.org"
    roles = roles or (Role.DONOR,)
    with Session(system.superuser) as session, session.begin():
        account_id, session_id = _write(session, tenant, roles, email, full_name)
    token = system.registry["belgenet.access_tokens"].issue(account_id, tenant.id if tenant else None, session_id)
    return Person(account_id, email, system.client(tenant, token), roles)


def _write(
    session: Session, tenant: Any, roles: tuple[Role, ...], email: str, full_name: str
) -> tuple[uuid.UUID, uuid.UUID]:
    from belgenet.accounts.models import Account, Membership, PlatformSession, RefreshSession

    account = Account(
        email=email,
        full_name=full_name,
        locale="tr",
        is_guest=Role.GUEST in roles,
        platform_roles=[] if tenant else [str(role) for role in roles],
        email_verified_at=utcnow(),
    )
    session.add(account)
    session.flush()
    place: dict[str, Any] = {}
    if tenant:
        place = {"tenant_id": tenant.id}
        session.add(Membership(**place, account_id=account.id, roles=[str(role) for role in roles]))
        session.flush()
    model: Any = RefreshSession if tenant else PlatformSession
    opened = model(
        **place,
        account_id=account.id,
        client="web",
        family_hash=secrets.token_bytes(32),
        token_hash=secrets.token_bytes(32),
        device="Test",
        expires_at=utcnow() + timedelta(days=1),
    )
    session.add(opened)
    session.flush()
    return account.id, opened.id
