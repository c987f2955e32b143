"""Tenants: who answers at which host, and how it looks."""

from typing import Any


def includeme(config: Any) -> None:
    from belgenet.core.traversal import TenantDirectory  # noqa: PLC0415
    from belgenet.tenancy import views  # noqa: PLC0415
    from belgenet.tenancy.directory import CachedTenantDirectory  # noqa: PLC0415
    from belgenet.tenancy.resources import SiteNode  # noqa: PLC0415

    settings = config.registry.settings["belgenet"]
    directory = CachedTenantDirectory(config.registry["belgenet.engine"], settings.app.base_domain)
    config.register_service(directory, TenantDirectory)
    config.add_tenant_child("site", SiteNode)
    config.add_platform_child("site", SiteNode)
    config.add_services(views)
