from belgenet.core.security import PUBLIC
from belgenet.core.web.pagination import Page, PageQuery
from belgenet.core.web.request import Request
from belgenet.core.web.service import SLUG_RE, TenantService
from belgenet.kurban.campaigns import services
from belgenet.kurban.campaigns.interfaces import Stock, StockLevel
from belgenet.kurban.campaigns.models import Campaign
from belgenet.kurban.campaigns.resources import CampaignNode, PublicCampaignsNode
from belgenet.kurban.campaigns.schemas import CampaignCard, CampaignDetail, OptionOut, pick
from belgenet.kurban.consents.schemas import ConsentTextOut
from belgenet.kurban.consents.services import current_text

campaigns = TenantService("campaigns", "/campaigns", traverse="/campaigns", tag="kurban")
campaign = TenantService(
    "campaign", f"/campaigns/{{campaign:{SLUG_RE}}}", traverse="/campaigns/{campaign}", tag="kurban"
)


@campaigns.get(permission=PUBLIC, context=PublicCampaignsNode, query=PageQuery, out=Page[CampaignCard])
def list_campaigns(request: Request) -> Page[CampaignCard]:
    """Campaigns that take orders now."""
    rows, cursor = services.list_open(request.db, request.validated["query"])
    prices = services.lowest_prices(request.db, [row.id for row in rows])
    cards = [CampaignCard.of(row, request.locale_name, prices.get(row.id)) for row in rows]
    return Page(items=cards, next=cursor)


@campaign.get(permission=PUBLIC, context=CampaignNode, out=CampaignDetail)
def get_campaign(request: Request) -> CampaignDetail:
    """A campaign by its slug or id, with what is left and the vekâlet text to accept."""
    row: Campaign = request.context.row
    locale = request.locale_name
    options = services.options_of(request.db, [row.id], active_only=True)
    levels = request.service(Stock).levels(request.db, [option.id for option in options])
    text = current_text(request.db, locale, request.tenant.locale)
    offered = [OptionOut.of(o, locale, levels.get(o.id, StockLevel()).free if row.is_open else 0) for o in options]
    cheapest = min(options, key=lambda option: option.price_minor, default=None)
    card = CampaignCard.of(row, locale, next((o.price for o in offered if cheapest and o.id == cheapest.id), None))
    return CampaignDetail(
        **card.model_dump(),
        description=pick(row.description, locale),
        kind=row.kind,
        open=row.is_open,
        options=offered,
        consent_text=ConsentTextOut.model_validate(text) if text else None,
    )
