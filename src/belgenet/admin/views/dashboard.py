from datetime import datetime
from zoneinfo import ZoneInfo

from belgenet.accounts.interfaces import MemberFigures
from belgenet.admin.interfaces import Window
from belgenet.admin.resources import DashboardNode
from belgenet.admin.schemas import AttentionOut, AuditOut, DashboardOut, DashboardQuery
from belgenet.admin.services import dashboard as service
from belgenet.admin.services import journal, members
from belgenet.admin.views.naming import named
from belgenet.core.security import Permission
from belgenet.core.web.request import Request
from belgenet.core.web.service import TenantService

ACTIVITY = 10
dashboard = TenantService("dashboard", "/admin/dashboard", traverse="/dashboard", tag="admin")


@dashboard.get(permission=Permission.DASHBOARD_READ, context=DashboardNode, query=DashboardQuery, out=DashboardOut)
def get_dashboard(request: Request) -> DashboardOut:
    """Figures of the last days, what waits for a person, and what happened last; each reader sees what their roles allow."""
    query: DashboardQuery = request.validated["query"]
    tenant, may = request.tenant, request.who.permissions
    today = datetime.now(ZoneInfo(tenant.time_zone)).date()
    window = Window(today, query.days, tenant.time_zone, tenant.currency)
    cards = service.cards(request.db, request.registry[service.CARDS], may, window)
    if Permission.USER_READ in may:
        cards.append(members.card(request.service(MemberFigures), request.db, window))
    waiting = service.attention(request.db, request.registry[service.ATTENTION], may)
    return DashboardOut(
        since=window.since,
        until=window.until,
        cards=[service.card_out(card, window, _title(request, "card", card.key)) for card in cards],
        attention=[
            AttentionOut(
                kind=item.kind, title=_title(request, "attention", item.kind), count=item.count, link=item.link
            )
            for item in waiting
        ],
        activity=_activity(request) if Permission.AUDIT_READ in may else [],
    )


def _activity(request: Request) -> list[AuditOut]:
    rows = journal.latest(request.db, ACTIVITY)
    names = named(request, journal.actors(rows))
    return [journal.event_out(row, names) for row in rows]


def _title(request: Request, sort: str, key: str) -> str:
    title: str = request.translate(f"dashboard.{sort}.{key}", default=key)
    return title
