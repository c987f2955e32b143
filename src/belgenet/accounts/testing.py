"""People for tests and demo data, without the cost of a password hash or a mail."""

import uuid
from typing import Any

from belgenet.accounts.models import Account
from belgenet.accounts.services.people import People
from belgenet.accounts.services.sessions import Device, Sessions
from belgenet.core.db import utcnow
from belgenet.core.security import Role
from belgenet.core.tasks import task_request
from belgenet.core.traversal import TenantInfo


def open_session(
    registry: Any, tenant: TenantInfo | None, roles: tuple[Role, ...], email: str, *, full_name: str = "Deniz Örnek"
) -> tuple[uuid.UUID, str]:
    """A new, verified account with these roles in the tenant (None: at the platform), signed in: its id and an access token."""
    with task_request(registry, tenant.id if tenant else None) as request:
        account = Account(
            email=email,
            full_name=full_name,
            locale="tr",
            is_guest=Role.GUEST in roles,
            email_verified_at=None if Role.GUEST in roles else utcnow(),
            platform_roles=[] if tenant else [role.value for role in roles],
        )
        request.db.add(account)
        request.db.flush()
        if tenant:
            People(request.db, tenant).join(account, tenant, roles)
        sessions = Sessions(request.db, tenant.id if tenant else None, request.settings.security)
        opened = sessions.open(account.id, Device("native", "test", "127.0.0.1"))
        tokens = registry["belgenet.access_tokens"]
        return account.id, tokens.issue(account.id, tenant.id if tenant else None, opened.row.id)
