from collections.abc import Sequence
from decimal import Decimal

from belgenet.core import audit
from belgenet.core.money import MoneyOut
from belgenet.core.security import Permission
from belgenet.core.web.etag import require_version
from belgenet.core.web.pagination import Page, PageQuery
from belgenet.core.web.request import Request
from belgenet.core.web.service import TenantService, path_id
from belgenet.kurban.campaigns import services
from belgenet.kurban.campaigns.interfaces import Stock, StockLevel
from belgenet.kurban.campaigns.models import Campaign, CampaignOption
from belgenet.kurban.campaigns.resources import CampaignNode, CampaignsNode, OptionNode
from belgenet.kurban.campaigns.schemas import (
    AdminCampaignOut,
    AdminOptionOut,
    CampaignCard,
    CampaignIn,
    CampaignPatch,
    OptionIn,
    OptionPatch,
    pick,
)

MANAGE = Permission.CAMPAIGN_MANAGE
campaigns = TenantService("admin_campaigns", "/admin/campaigns", traverse="/admin-campaigns", tag="kurban-admin")
campaign = TenantService(
    "admin_campaign",
    f"/admin/campaigns/{path_id('campaign_id')}",
    traverse="/admin-campaigns/{campaign_id}",
    tag="kurban-admin",
)
options = TenantService(
    "admin_campaign_options",
    f"/admin/campaigns/{path_id('campaign_id')}/options",
    traverse="/admin-campaigns/{campaign_id}",
    tag="kurban-admin",
)
option = TenantService(
    "admin_campaign_option",
    f"/admin/campaign-options/{path_id('option_id')}",
    traverse="/campaign-options/{option_id}",
    tag="kurban-admin",
)


@campaigns.get(permission=MANAGE, context=CampaignsNode, query=PageQuery, out=Page[AdminCampaignOut])
def list_admin_campaigns(request: Request) -> Page[AdminCampaignOut]:
    """All campaigns, drafts and closed ones too."""
    rows, cursor = services.list_all(request.db, request.validated["query"])
    return Page(items=_out(request, rows), next=cursor)


@campaigns.post(
    permission=MANAGE, context=CampaignsNode, body=CampaignIn, out=AdminCampaignOut, status=201, idempotent=True
)
def create_campaign(request: Request) -> AdminCampaignOut:
    """Add a campaign as a draft."""
    row = services.create(request.db, request.validated["body"], request.locale_name)
    audit.record(request, "campaign.create", "campaign", row.id, after={"slug": row.slug, "title": row.title})
    return _out(request, [row])[0]


@campaign.get(permission=MANAGE, context=CampaignNode, out=AdminCampaignOut)
def get_admin_campaign(request: Request) -> AdminCampaignOut:
    """A campaign with its options, stock and every language."""
    return _out(request, [request.context.row])[0]


@campaign.patch(permission=MANAGE, context=CampaignNode, body=CampaignPatch, out=AdminCampaignOut)
def patch_campaign(request: Request) -> AdminCampaignOut:
    """Change texts, dates or status. Needs ``If-Match``."""
    row: Campaign = request.context.row
    require_version(request, row.version)
    change = services.change(request.db, row, request.validated["body"], request.locale_name)
    audit.record(request, "campaign.update", "campaign", row.id, before=change.before, after=change.after)
    return _out(request, [row])[0]


@options.post(permission=MANAGE, context=CampaignNode, body=OptionIn, out=AdminOptionOut, status=201, idempotent=True)
def create_campaign_option(request: Request) -> AdminOptionOut:
    """Add an option to a campaign. Stock comes with its animals."""
    row = services.add_option(request.db, request.context.row, request.validated["body"], request.locale_name)
    after = {"title": row.title, "price_minor": row.price_minor, "currency": row.currency}
    audit.record(request, "campaign_option.create", "campaign_option", row.id, after=after)
    return AdminOptionOut.of_level(row, request.locale_name, StockLevel())


@option.patch(permission=MANAGE, context=OptionNode, body=OptionPatch, out=AdminOptionOut)
def patch_campaign_option(request: Request) -> AdminOptionOut:
    """Change the title, the price or whether it is for sale. Needs ``If-Match``."""
    row: CampaignOption = request.context.row
    require_version(request, row.version)
    change = services.change_option(request.db, row, request.validated["body"], request.locale_name)
    audit.record(request, "campaign_option.update", "campaign_option", row.id, before=change.before, after=change.after)
    level = request.service(Stock).levels(request.db, [row.id]).get(row.id, StockLevel())
    return AdminOptionOut.of_level(row, request.locale_name, level)


def _out(request: Request, rows: Sequence[Campaign]) -> list[AdminCampaignOut]:
    """All of a page with two more queries, however many rows."""
    locale = request.locale_name
    found = services.options_of(request.db, [row.id for row in rows], active_only=False)
    levels = request.service(Stock).levels(request.db, [option.id for option in found])
    by_campaign: dict[object, list[AdminOptionOut]] = {row.id: [] for row in rows}
    shares: dict[object, list[StockLevel]] = {row.id: [] for row in rows}
    for item in found:
        level = levels.get(item.id, StockLevel())
        shares[item.campaign_id].append(level)
        by_campaign[item.campaign_id].append(AdminOptionOut.of_level(item, locale, level))
    return [_campaign_out(row, locale, by_campaign[row.id], shares[row.id]) for row in rows]


def _campaign_out(
    row: Campaign, locale: str, offered: list[AdminOptionOut], levels: list[StockLevel]
) -> AdminCampaignOut:
    cheapest: MoneyOut | None = min(
        (item.price for item in offered if item.active), key=lambda price: Decimal(price.amount), default=None
    )
    return AdminCampaignOut(
        **CampaignCard.of(row, locale, cheapest).model_dump(),
        description=pick(row.description, locale),
        kind=row.kind,
        status=row.status,
        options=offered,
        sold_shares=sum(level.sold for level in levels),
        total_shares=sum(level.free + level.taken for level in levels),
        translations={name: getattr(row, name) for name in services.TEXT_FIELDS},
        version=row.version,
    )
