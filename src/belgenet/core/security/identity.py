import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from belgenet.core.security.permissions import Permission
from belgenet.core.security.roles import ROLE_MATRIX, Role


@dataclass(frozen=True, slots=True)
class Identity:
    """Who asks, in which tenant (``tenant_id`` None: the platform). Detached from the database, so it outlives a rollback."""

    account_id: uuid.UUID
    tenant_id: uuid.UUID | None
    session_id: uuid.UUID
    roles: frozenset[Role]
    email: str = ""
    locale: str = "tr"

    @property
    def principals(self) -> list[str]:
        """ACL principals. The tenant is part of each role, so a token of one tenant is worthless on another's host."""
        scope = f"tenant:{self.tenant_id}" if self.tenant_id else "platform"
        return [f"user:{self.account_id}", *(f"{scope}:role:{role}" for role in sorted(self.roles))]

    @property
    def permissions(self) -> frozenset[Permission]:
        """What the roles allow anywhere in the tenant."""
        return permissions_of(self.roles)


def permissions_of(roles: Iterable[Role]) -> frozenset[Permission]:
    """Union of the roles' permissions."""
    return frozenset().union(*(ROLE_MATRIX[role] for role in roles)) if roles else frozenset()
