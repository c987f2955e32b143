import uuid
from collections.abc import Callable
from typing import Protocol

from belgenet.core.security.identity import Identity
from belgenet.core.security.tokens import AccessClaims


class IdentityLoader(Protocol):
    """Turns verified claims into an identity, asking the database whether the session still lives."""

    def begin(self, claims: AccessClaims, tenant_id: uuid.UUID | None) -> Callable[[], Identity | None]:
        """Ask, so that the question can ride with the transaction's first round trip; call the result for the answer.

        None: the session was revoked, the account disabled, or the token is for another tenant.
        """
