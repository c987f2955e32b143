import uuid
from typing import Protocol

from belgenet.core.security.identity import Identity
from belgenet.core.security.tokens import AccessClaims


class IdentityLoader(Protocol):
    """Turns verified claims into an identity, asking the database whether the session still lives."""

    def load(self, claims: AccessClaims, tenant_id: uuid.UUID | None) -> Identity | None:
        """None: the session was revoked, the account disabled, or the token is for another tenant."""
