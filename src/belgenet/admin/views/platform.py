from functools import partial

from belgenet.accounts.interfaces import AdministratorInviter
from belgenet.admin.resources import ManagedTenantNode, ManagedTenantsNode
from belgenet.admin.schemas import ManagedTenantOut, NewTenant, TenantPatch
from belgenet.admin.services import tenants
from belgenet.core.security import Permission
from belgenet.core.traversal import TenantDirectory
from belgenet.core.web.etag import require_version
from belgenet.core.web.pagination import Page, PageQuery, page
from belgenet.core.web.request import Request
from belgenet.core.web.service import PlatformService, path_id
from belgenet.tenancy.platform import joined_session

collection = PlatformService("platform_tenants", "/platform/tenants", traverse="/tenants", tag="platform")
item = PlatformService(
    "platform_tenant", f"/platform/tenants/{path_id('tenant_key')}", traverse="/tenants/{tenant_key}", tag="platform"
)


@collection.get(
    permission=Permission.PLATFORM_TENANTS, context=ManagedTenantsNode, query=PageQuery, out=Page[ManagedTenantOut]
)
def list_tenants(request: Request) -> Page[ManagedTenantOut]:
    """All tenants of the installation, newest first."""
    return page(tenants.find(request.db, request.validated["query"]), tenants.tenant_detail)


@collection.post(
    permission=Permission.PLATFORM_TENANTS, context=ManagedTenantsNode, body=NewTenant, out=ManagedTenantOut, status=201
)
def create_platform_tenant(request: Request) -> ManagedTenantOut:
    """Add a tenant. Its slug is its key, so sending this twice makes one. ``admin_email`` is made its administrator and, if new
    here, gets a link to set a password with.
    """
    inviter = request.service(AdministratorInviter)
    made = tenants.create(joined_session(request), _actor(request), request.validated["body"], inviter)
    _forget(request)
    return made


@item.get(permission=Permission.PLATFORM_TENANTS, context=ManagedTenantNode, out=ManagedTenantOut)
def get_platform_tenant(request: Request) -> ManagedTenantOut:
    """One tenant."""
    return tenants.tenant_detail(request.context.row)


@item.patch(permission=Permission.PLATFORM_TENANTS, context=ManagedTenantNode, body=TenantPatch, out=ManagedTenantOut)
def patch_platform_tenant(request: Request) -> ManagedTenantOut:
    """Rename, suspend or resume a tenant, move its domain, set its quota. Needs ``If-Match``; a suspended tenant answers nobody."""
    tenant_id, body = request.context.row.id, request.validated["body"]
    check = partial(require_version, request)
    changed = tenants.change(joined_session(request), _actor(request), tenant_id, body, check)
    _forget(request)
    return changed


def _actor(request: Request) -> tenants.Actor:
    return tenants.Actor(request.who.account_id, request.client_addr, request.id)


def _forget(request: Request) -> None:
    """Once the change is committed; other processes notice within seconds."""
    directory = request.service(TenantDirectory)
    if hasattr(directory, "forget"):
        request.tm.get().addAfterCommitHook(lambda committed: directory.forget() if committed else None)
