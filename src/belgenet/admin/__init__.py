"""The panel: dashboard, background work, audit log; and the institution's own console of tenants."""

from typing import Any

from belgenet.admin.interfaces import AttentionProvider, CardProvider
from belgenet.core.security import Permission


def add_dashboard_card(config: Any, provider: CardProvider, *, permission: Permission) -> None:
    """``config.add_dashboard_card(provider, permission=...)``; see ``admin.interfaces``."""
    from belgenet.admin.services.dashboard import CARDS, Registered  # noqa: PLC0415

    config.registry[CARDS].append(Registered(provider, permission))


def add_attention(config: Any, provider: AttentionProvider, *, permission: Permission) -> None:
    """``config.add_attention(provider, permission=...)``; see ``admin.interfaces``."""
    from belgenet.admin.services.dashboard import ATTENTION, RegisteredAttention  # noqa: PLC0415

    config.registry[ATTENTION].append(RegisteredAttention(provider, permission))


def includeme(config: Any) -> None:
    from belgenet.admin import resources, tasks  # noqa: PLC0415
    from belgenet.admin.services import work  # noqa: PLC0415
    from belgenet.admin.services.dashboard import ATTENTION, CARDS  # noqa: PLC0415
    from belgenet.admin.views import audit, dashboard, platform  # noqa: PLC0415
    from belgenet.admin.views import work as work_views  # noqa: PLC0415

    config.registry[CARDS] = []
    config.registry[ATTENTION] = []
    config.add_directive("add_dashboard_card", add_dashboard_card)
    config.add_directive("add_attention", add_attention)
    config.add_attention(work.attention, permission=Permission.TASKS_MANAGE)
    for name, node in (
        ("dashboard", resources.DashboardNode),
        ("dead-letters", resources.DeadLettersNode),
        ("tasks", resources.TasksNode),
        ("audit", resources.AuditNode),
    ):
        config.add_tenant_child(name, node)
    config.add_platform_child("tenants", resources.ManagedTenantsNode)
    for module in (dashboard, work_views, audit, platform):
        config.add_services(module)
    config.add_periodic("admin.gauges", 30, tasks.gauges, scope="platform")
