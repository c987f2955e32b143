"""People for tests, made through the accounts domain's own services where it matters and directly where speed does."""

import uuid
from typing import TYPE_CHECKING, Any

from belgenet.core.security import Role

if TYPE_CHECKING:
    from tests.common.system import Person, System

DEFAULT_PASSWORD = "correct horse battery 1"


def make_person(system: "System", tenant: Any, roles: tuple[Role, ...], email: str | None) -> "Person":
    """An account with a live session in the tenant (None: the platform), without the cost of a password hash."""
    from belgenet.accounts import testing
    from tests.common.system import Person

    email = email or f"{uuid.uuid4().hex[:10]}@example.org"
    account_id, token = testing.open_session(system.registry, tenant, roles, email)
    return Person(account_id, email, system.client(tenant, token), roles)
