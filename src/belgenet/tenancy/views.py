from typing import Any

from belgenet.core import audit
from belgenet.core.security import PUBLIC, Permission
from belgenet.core.traversal import TenantDirectory
from belgenet.core.web.errors import ErrorCode, Problem
from belgenet.core.web.etag import require_version
from belgenet.core.web.request import Request
from belgenet.core.web.service import HostService, TenantService
from belgenet.tenancy import services
from belgenet.tenancy.directory import info_of
from belgenet.tenancy.resources import SiteNode
from belgenet.tenancy.schemas import AdminSiteOut, SiteOut, SitePatch

site = HostService("site", "/site", traverse="/site", tag="site")
admin_site = TenantService("admin_site", "/admin/site", traverse="/site", tag="admin")


@site.get(permission=PUBLIC, context=SiteNode, out=SiteOut)
def get_site(request: Request) -> SiteOut:
    """Name, colours, languages and payment providers of this host's tenant; or that it is the institution's own console."""
    return services.site_of(request.tenant, request.settings)


@admin_site.get(permission=Permission.SITE_WRITE, context=SiteNode, out=AdminSiteOut)
def get_admin_site(request: Request) -> AdminSiteOut:
    """The tenant's settings."""
    row = services.current_tenant(request.db)
    public = services.site_of(info_of(row), request.settings)
    available = services.providers_available(request.settings)
    return AdminSiteOut(**public.model_dump(), version=row.version, domain=row.domain, providers_available=available)


@admin_site.patch(permission=Permission.SITE_WRITE, context=SiteNode, body=SitePatch, out=AdminSiteOut)
def patch_admin_site(request: Request) -> AdminSiteOut:
    """Change the tenant's name, languages, colours or payment providers. Needs ``If-Match``."""
    require_version(request, services.current_tenant(request.db).version)
    body: SitePatch = request.validated["body"]
    if body.providers is not None and not set(body.providers) <= set(services.providers_available(request.settings)):
        raise Problem(ErrorCode.PROVIDER_NOT_OFFERED, 409)
    before, after = services.change_site(request.db, body)
    audit.record(request, "site.update", "tenant", request.tenant.id, before=before, after=after)
    request.tm.get().addAfterCommitHook(lambda committed: _directory(request).forget() if committed else None)
    return get_admin_site(request)


def _directory(request: Request) -> Any:
    return request.service(TenantDirectory)
