from typing import Any

from pyramid.authorization import DENY_ALL, Allow

from belgenet.core.db.session import bind_tenant
from belgenet.core.security.permissions import Permission
from belgenet.core.security.policy import begin_identity
from belgenet.core.security.roles import ROLE_MATRIX, Role
from belgenet.core.traversal.nodes import Node
from belgenet.core.traversal.tenant import Suspended, TenantDirectory, TenantRequiredError

Acl = list[tuple[str, str, tuple[Permission, ...]]]


class _Root(Node):
    def __getitem__(self, key: str) -> Node:
        factory: type[Node] = self.request.registry["belgenet.children"][type(self)][key]
        return factory(self.request, key, self)


class TenantRoot(_Root):
    """Root of one tenant, found by the Host header. Binds the request's session to it: wall one hands over to wall two.

    :param suspended: whether what is asked for goes on when the tenant is suspended; see :data:`Suspended`.
    :raises TenantRequiredError: answered as 404 by the problem views.
    """

    def __init__(self, request: Any, *, suspended: Suspended = "refuse") -> None:
        super().__init__(request)
        host = request.domain.lower()
        tenant = request.service(TenantDirectory).by_host(host)
        if tenant is None or (tenant.suspended and suspended == "refuse"):
            raise TenantRequiredError(host, suspended=tenant is not None)
        request.tenant = self.tenant = tenant
        self.tenant_id = tenant.id
        bind_tenant(request.db, tenant.id)
        begin_identity(request, tenant.id)

    def __acl__(self) -> list[Any]:
        return [*_matrix(f"tenant:{self.tenant_id}", (r for r in ROLE_MATRIX if r != Role.SUPER_ADMIN)), DENY_ALL]


def unclosed_root(request: Any) -> TenantRoot:
    """The tenant's root for operations that serve a suspended tenant too."""
    return TenantRoot(request, suspended="serve")


class PlatformRoot(_Root):
    """Root of the institution's own console, at the bare domain only.

    :raises TenantRequiredError: asked for under a tenant's host.
    """

    tenant_id = None

    def __init__(self, request: Any) -> None:
        super().__init__(request)
        if request.domain.lower() != request.settings.app.base_domain:
            raise TenantRequiredError(request.domain)
        request.tenant = None
        begin_identity(request, None)

    def __acl__(self) -> list[Any]:
        return [*_matrix("platform", [Role.SUPER_ADMIN]), DENY_ALL]


def host_root(request: Any) -> Node:
    """The root that belongs to the request's host, for what both doors offer: sign-in and the site's description."""
    bare = request.domain.lower() == request.settings.app.base_domain
    return PlatformRoot(request) if bare else TenantRoot(request)


def _matrix(scope: str, roles: Any) -> Acl:
    return [(Allow, f"{scope}:role:{role}", tuple(sorted(ROLE_MATRIX[role]))) for role in roles]
