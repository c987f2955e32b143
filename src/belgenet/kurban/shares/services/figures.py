"""What the panel's first page says about qurban."""

from collections.abc import Sequence

from sqlalchemy import Date, cast, exists, func, select
from sqlalchemy.orm import Session

from belgenet.admin.interfaces import Attention, Card, Window
from belgenet.core.db import utcnow
from belgenet.kurban.campaigns.models import Campaign, CampaignOption
from belgenet.kurban.shares.models import AnimalShare

FEW = 7
"""An option with fewer free shares than one cattle has soon refuses a family."""


def cards(session: Session, window: Window) -> Sequence[Card]:
    """CardProvider: shares sold by day; nothing where there is no campaign."""
    if not session.scalar(select(exists().where(Campaign.id.is_not(None)))):
        return []
    day = cast(func.timezone(window.time_zone, AnimalShare.sold_at), Date)
    sold = (
        select(day, func.count())
        .where(
            AnimalShare.state == "sold",
            AnimalShare.sold_at >= window.previous_since,
            AnimalShare.sold_at < window.until,
        )
        .group_by(day)
    )
    return [Card.compared("shares_sold", {row[0]: row[1] for row in session.execute(sold)}, window)]


def attention(session: Session) -> Sequence[Attention]:
    """AttentionProvider: options of open campaigns that are nearly or quite sold out."""
    free = (
        select(func.count())
        .where(AnimalShare.option_id == CampaignOption.id, AnimalShare.state == "free")
        .correlate(CampaignOption)
        .scalar_subquery()
    )
    low = (
        select(func.count())
        .select_from(CampaignOption)
        .join(Campaign, Campaign.id == CampaignOption.campaign_id)
        .where(Campaign.status == "published", Campaign.closes_at > utcnow(), CampaignOption.active, free < FEW)
    )
    return [Attention("low_stock", session.scalars(low).one(), "/admin/campaigns")]
