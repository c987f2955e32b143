from belgenet.core import audit
from belgenet.core.security import Permission
from belgenet.core.web.pagination import Page, PageQuery
from belgenet.core.web.request import Request
from belgenet.core.web.service import TenantService, path_id
from belgenet.kurban.campaigns.interfaces import Stock, StockLevel
from belgenet.kurban.campaigns.models import Campaign, CampaignOption
from belgenet.kurban.campaigns.resources import CampaignNode, OptionNode
from belgenet.kurban.campaigns.schemas import pick
from belgenet.kurban.campaigns.services import options_of
from belgenet.kurban.shares.models import Animal
from belgenet.kurban.shares.resources import AnimalNode
from belgenet.kurban.shares.schemas import AnimalOut, AnimalPatch, AnimalsAdded, AnimalsIn, ShareOut
from belgenet.kurban.shares.services import animals
from belgenet.kurban.shares.services.animals import ShareView

MANAGE = Permission.CAMPAIGN_MANAGE
campaign_animals = TenantService(
    "admin_campaign_animals",
    f"/admin/campaigns/{path_id('campaign_id')}/animals",
    traverse="/admin-campaigns/{campaign_id}",
    tag="kurban-admin",
)
option_animals = TenantService(
    "admin_option_animals",
    f"/admin/campaign-options/{path_id('option_id')}/animals",
    traverse="/campaign-options/{option_id}",
    tag="kurban-admin",
)
animal = TenantService(
    "admin_animal", f"/admin/animals/{path_id('animal_id')}", traverse="/animals/{animal_id}", tag="kurban-admin"
)


@campaign_animals.get(permission=MANAGE, context=CampaignNode, query=PageQuery, out=Page[AnimalOut])
def list_campaign_animals(request: Request) -> Page[AnimalOut]:
    """Animals of a campaign with their shares, who holds each and on whose behalf."""
    campaign: Campaign = request.context.row
    rows, cursor = animals.of_campaign(request.db, campaign, request.validated["query"])
    shares = animals.shares_of(request.db, rows)
    titles = {
        option.id: pick(option.title, request.locale_name)
        for option in options_of(request.db, [campaign.id], active_only=False)
    }
    return Page(items=[_out(row, titles[row.option_id], shares[row.id]) for row in rows], next=cursor)


@option_animals.post(
    permission=MANAGE, context=OptionNode, body=AnimalsIn, out=AnimalsAdded, status=201, idempotent=True
)
def add_animals(request: Request) -> AnimalsAdded:
    """Add animals, and with them shares, to an option's stock."""
    option: CampaignOption = request.context.row
    added = animals.add(request.db, option, request.validated["body"].count)
    after = {"count": len(added), "first": added[0].code, "last": added[-1].code}
    audit.record(request, "animal.add", "campaign_option", option.id, after=after)
    level = request.service(Stock).levels(request.db, [option.id]).get(option.id, StockLevel())
    return AnimalsAdded(added=len(added), animals=level.animals, available=level.free)


@animal.patch(permission=MANAGE, context=AnimalNode, body=AnimalPatch, out=AnimalOut)
def patch_animal(request: Request) -> AnimalOut:
    """Note an animal's ear tag or how far it is."""
    row: Animal = request.context.row
    before, after = animals.change(request.db, row, request.validated["body"])
    audit.record(request, "animal.update", "animal", row.id, before=before, after=after)
    option = request.db.get_one(CampaignOption, row.option_id)
    return _out(row, pick(option.title, request.locale_name), animals.shares_of(request.db, [row])[row.id])


@animal.delete(permission=MANAGE, context=AnimalNode, status=204)
def remove_animal(request: Request) -> None:
    """Take an animal out of stock; refused while anybody holds or bought a share of it."""
    row: Animal = request.context.row
    animals.remove(request.db, row)
    audit.record(request, "animal.remove", "animal", row.id, before={"tag": row.code, "ear_tag": row.ear_tag})


def _out(row: Animal, option_title: str, shares: list[ShareView]) -> AnimalOut:
    return AnimalOut(
        id=row.id,
        tag=row.code,
        ear_tag=row.ear_tag,
        state=row.state,
        option_id=row.option_id,
        option_title=option_title,
        animal_class=row.animal_class,
        shares=[_share(item) for item in shares],
    )


def _share(item: ShareView) -> ShareOut:
    return ShareOut(
        number=item.share.share_no,
        state=item.share.state,
        holder=item.holder,
        participant=item.participant.full_name if item.participant else None,
        intention=item.participant.intention if item.participant else None,
        order_id=item.order_id,
    )
