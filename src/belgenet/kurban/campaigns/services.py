"""Reading and changing campaigns. Texts are kept per language; ``locale`` says which one a plain text belongs to."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from belgenet.core.db import utcnow
from belgenet.core.i18n.slug import slugify
from belgenet.core.money import MoneyIn, MoneyOut
from belgenet.core.web.errors import ErrorCode, FieldProblem, Problem
from belgenet.core.web.pagination import PageQuery, keyset
from belgenet.kurban.campaigns.models import Campaign, CampaignOption
from belgenet.kurban.campaigns.schemas import Bodies, CampaignIn, CampaignPatch, OptionIn, OptionPatch, Titles, pick
from belgenet.kurban.consents.services import current_texts

TEXT_FIELDS = ("title", "summary", "description", "region")
SHARES = {"cattle": 7, "small": 1}
"""Shares of one animal: a cattle serves up to seven people, a sheep or goat one."""

Changes = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Change:
    """What a patch did, for the audit trail; JSON types only."""

    before: Changes
    after: Changes


def list_open(session: Session, query: PageQuery) -> tuple[Sequence[Campaign], str | None]:
    """Campaigns that take orders now, those that close first on top."""
    statement = select(Campaign).where(Campaign.status == "published", Campaign.closes_at > utcnow())
    return keyset(session, statement, query, (Campaign.closes_at, Campaign.id), descending=False)


def list_all(session: Session, query: PageQuery) -> tuple[Sequence[Campaign], str | None]:
    """Every campaign, newest first."""
    return keyset(session, select(Campaign), query, (Campaign.created_at, Campaign.id))


def options_of(session: Session, campaign_ids: Iterable[uuid.UUID], *, active_only: bool) -> list[CampaignOption]:
    """Options of the campaigns in the order the administrator gave."""
    statement = select(CampaignOption).where(CampaignOption.campaign_id.in_(list(campaign_ids)))
    if active_only:
        statement = statement.where(CampaignOption.active)
    return list(session.scalars(statement.order_by(CampaignOption.position, CampaignOption.id)))


def lowest_prices(session: Session, campaign_ids: Iterable[uuid.UUID]) -> Mapping[uuid.UUID, MoneyOut]:
    """The cheapest active option of each campaign."""
    columns = (CampaignOption.campaign_id, CampaignOption.price_minor, CampaignOption.currency)
    cheapest = (
        select(*columns)
        .where(CampaignOption.campaign_id.in_(list(campaign_ids)), CampaignOption.active)
        .order_by(CampaignOption.campaign_id, CampaignOption.price_minor)
        .ext(distinct_on(CampaignOption.campaign_id))
    )
    return {key: MoneyOut.of(minor, currency) for key, minor, currency in session.execute(cheapest)}


def create(session: Session, body: CampaignIn, locale: str) -> Campaign:
    """Add a draft. :raises Problem: ``slug_taken``."""
    texts = {name: merged({}, getattr(body, name), locale) for name in TEXT_FIELDS}
    row = Campaign(
        **texts,
        slug=body.slug or _free_slug(session, pick(texts["title"], locale)),
        kind=body.kind,
        slaughter_date=body.slaughter_date,
        closes_at=body.closes_at,
        image_url=body.image_url,
    )
    session.add(row)
    _flush(session)
    return row


def change(session: Session, row: Campaign, patch: CampaignPatch, locale: str) -> Change:
    """Apply a patch.

    :raises Problem: ``slug_taken``; ``not_for_sale`` or ``consent_required`` when it cannot be published yet.
    """
    if patch.status == "published" and row.status != "published":
        _check_ready(session, row)
    return _apply(session, row, patch, locale)


def add_option(session: Session, campaign: Campaign, body: OptionIn, locale: str) -> CampaignOption:
    """Add an option; it has no stock until animals are added."""
    row = CampaignOption(
        campaign_id=campaign.id,
        title=merged({}, body.title, locale),
        animal_class=body.animal_class,
        shares_per_animal=SHARES[body.animal_class],
        price_minor=_positive(body.price),
        currency=body.price.currency,
        position=body.position,
    )
    session.add(row)
    session.flush()
    return row


def change_option(session: Session, row: CampaignOption, patch: OptionPatch, locale: str) -> Change:
    """Apply a patch. Orders already placed keep their price."""
    return _apply(session, row, patch, locale)


def merged(old: Mapping[str, str], new: str | Titles | Bodies | None, locale: str) -> dict[str, str]:
    """The texts after a change: a plain one replaces that of ``locale``, an object those it names."""
    if new is None:
        return dict(old)
    given = {locale: new} if isinstance(new, str) else new.model_dump(exclude_none=True)
    return {**old, **given}


def _apply(session: Session, row: Campaign | CampaignOption, patch: CampaignPatch | OptionPatch, locale: str) -> Change:
    before: Changes = {}
    after: Changes = {}
    for name in patch.model_fields_set:
        for column, new in _columns(row, name, getattr(patch, name), locale).items():
            before[column], after[column] = _plain(getattr(row, column)), _plain(new)
            setattr(row, column, new)
    _flush(session)
    return Change(before, after)


def _columns(row: Campaign | CampaignOption, name: str, value: Any, locale: str) -> dict[str, Any]:
    if isinstance(value, MoneyIn):
        return {"price_minor": _positive(value), "currency": value.currency}
    if name in TEXT_FIELDS:
        return {name: merged(getattr(row, name), value, locale)}
    return {name: value}


def _positive(price: MoneyIn) -> int:
    if price.minor <= 0:
        raise Problem(ErrorCode.INVALID_INPUT, 400, fields=[FieldProblem("price.amount", "greater_than", {"gt": 0})])
    return price.minor


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date | datetime) else value


def _check_ready(session: Session, row: Campaign) -> None:
    if not options_of(session, [row.id], active_only=True):
        raise Problem(ErrorCode.NOT_FOR_SALE, 409)
    if not current_texts(session):
        raise Problem(ErrorCode.CONSENT_REQUIRED, 409)


def _free_slug(session: Session, title: str) -> str:
    base = slugify(title)
    taken = set(session.scalars(select(Campaign.slug).where(Campaign.slug.startswith(base))))
    return next(slug for slug in _candidates(base) if slug not in taken)


def _candidates(base: str) -> Iterable[str]:
    yield base
    number = 2
    while True:
        yield f"{base}-{number}"
        number += 1


def _flush(session: Session) -> None:
    """:raises Problem: ``slug_taken``."""
    try:
        session.flush()
    except IntegrityError as error:
        if "_tenant_id_slug" in str(error.orig):
            raise Problem(ErrorCode.SLUG_TAKEN, 409, fields=[FieldProblem("slug", "slug_taken")]) from None
        raise
