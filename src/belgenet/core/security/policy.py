"""Pyramid's security policy: bearer token -> identity -> ACL of the traversal lineage."""

from collections.abc import Callable
from typing import Any, Final
from uuid import UUID

from pyramid.authorization import ACLHelper, Authenticated, Everyone

from belgenet.core.security.identity import Identity
from belgenet.core.security.interfaces import IdentityLoader
from belgenet.core.security.tokens import AccessTokens, InvalidToken

_PENDING: Final = "belgenet.identity.pending"


class TokenPolicy:
    """Deny by default; the identity is worked out once a request."""

    def __init__(self) -> None:
        self._acl = ACLHelper()

    def identity(self, request: Any) -> Identity | None:
        """The verified, still living identity, or None."""
        if "belgenet.identity" not in request.environ:
            request.environ["belgenet.identity"] = self._load(request)
        identity: Identity | None = request.environ["belgenet.identity"]
        return identity

    def authenticated_userid(self, request: Any) -> str | None:
        """The account id as text."""
        identity = self.identity(request)
        return str(identity.account_id) if identity else None

    def permits(self, request: Any, context: Any, permission: str) -> Any:
        """Ask the ACLs from the context up to the root."""
        principals = [Everyone]
        if identity := self.identity(request):
            principals += [Authenticated, *identity.principals]
        return self._acl.permits(context, principals, permission)

    def remember(self, request: Any, userid: str, **kw: Any) -> list[Any]:  # noqa: ARG002
        """Nothing: there is no login session on the server."""
        return []

    def forget(self, request: Any, **kw: Any) -> list[Any]:  # noqa: ARG002
        """Nothing to forget."""
        return []

    def _load(self, request: Any) -> Identity | None:
        pending: Callable[[], Identity | None] | None = request.environ.get(_PENDING)
        return pending() if pending else None


def begin_identity(request: Any, tenant_id: UUID | None) -> None:
    """Check the bearer token and ask who it is; called by the traversal roots, which know the tenant. Without a valid token of
    this tenant nothing is asked and the request stays anonymous.
    """
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        return
    tokens: AccessTokens = request.registry["belgenet.access_tokens"]
    try:
        claims = tokens.verify(token.strip())
    except InvalidToken:
        return
    if claims.tenant_id == tenant_id:
        request.environ[_PENDING] = request.service(IdentityLoader).begin(claims, tenant_id)
