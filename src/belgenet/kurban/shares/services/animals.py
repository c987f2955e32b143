"""Stock as the administrator changes it."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from belgenet.commerce.orders.interfaces import Order, OrderLine
from belgenet.core.web.errors import ErrorCode, FieldProblem, Problem
from belgenet.core.web.pagination import PageQuery, keyset
from belgenet.kurban.campaigns.models import Campaign, CampaignOption
from belgenet.kurban.shares.models import Animal, AnimalShare, ShareParticipant
from belgenet.kurban.shares.schemas import AnimalPatch


@dataclass(frozen=True, slots=True)
class ShareView:
    """A share with the names the panel shows beside it."""

    share: AnimalShare
    participant: ShareParticipant | None
    order_id: uuid.UUID | None
    holder: str | None


def add(session: Session, option: CampaignOption, count: int) -> list[Animal]:
    """Add animals with all their shares, numbered on within the campaign."""
    session.execute(select(Campaign.id).where(Campaign.id == option.campaign_id).with_for_update())
    newest = select(func.coalesce(func.max(Animal.number), 0)).where(Animal.campaign_id == option.campaign_id)
    first = session.scalars(newest).one() + 1
    animals = [
        Animal(campaign_id=option.campaign_id, option_id=option.id, number=number, animal_class=option.animal_class)
        for number in range(first, first + count)
    ]
    session.add_all(animals)
    session.flush()
    session.add_all(
        AnimalShare(animal_id=animal.id, option_id=option.id, share_no=number)
        for animal in animals
        for number in range(1, option.shares_per_animal + 1)
    )
    session.flush()
    return animals


def remove(session: Session, animal: Animal) -> None:
    """Take an animal out of stock. :raises Problem: ``stock_in_use`` when somebody holds or bought a share of it."""
    taken = [share for share in _locked_shares(session, animal) if share.order_line_id is not None]
    if taken:
        raise Problem(ErrorCode.STOCK_IN_USE, 409, params={"taken": len(taken)})
    session.execute(delete(AnimalShare).where(AnimalShare.animal_id == animal.id))
    session.delete(animal)
    session.flush()


def change(session: Session, animal: Animal, patch: AnimalPatch) -> tuple[dict[str, Any], dict[str, Any]]:
    """Apply a patch; the changed fields before and after.

    :raises Problem: ``stock_in_use`` when it is to be slaughtered while a share still waits for its payment; ``conflict`` when the
        ear tag hangs on another animal.
    """
    changes = {name: getattr(patch, name) for name in patch.model_fields_set}
    if changes.get("state", animal.state) != animal.state:
        _withdraw(session, animal, changes["state"])
    before = {name: getattr(animal, name) for name in changes}
    for name, value in changes.items():
        setattr(animal, name, value)
    try:
        session.flush()
    except IntegrityError as error:
        if "ear_tag" not in str(error.orig):
            raise
        raise Problem(ErrorCode.CONFLICT, 409, fields=[FieldProblem("ear_tag", "ear_tag_taken")]) from None
    return before, changes


def of_campaign(session: Session, campaign: Campaign, query: PageQuery) -> tuple[Sequence[Animal], str | None]:
    """A campaign's animals by number."""
    statement = select(Animal).where(Animal.campaign_id == campaign.id)
    return keyset(session, statement, query, (Animal.number, Animal.id), descending=False)


def shares_of(session: Session, animals: Sequence[Animal]) -> Mapping[uuid.UUID, list[ShareView]]:
    """Shares of the animals with their holders, one query for all."""
    statement = (
        select(AnimalShare, ShareParticipant, OrderLine.order_id, Order.contact_name)
        .outerjoin(ShareParticipant, ShareParticipant.share_id == AnimalShare.id)
        .outerjoin(OrderLine, OrderLine.id == AnimalShare.order_line_id)
        .outerjoin(Order, Order.id == OrderLine.order_id)
        .where(AnimalShare.animal_id.in_([animal.id for animal in animals]))
        .order_by(AnimalShare.animal_id, AnimalShare.share_no)
    )
    found: dict[uuid.UUID, list[ShareView]] = {animal.id: [] for animal in animals}
    for share, participant, order_id, holder in session.execute(statement):
        found[share.animal_id].append(ShareView(share, participant, order_id, holder))
    return found


def _withdraw(session: Session, animal: Animal, state: str) -> None:
    """What nobody bought leaves the stock with the slaughter, and comes back when that was noted by mistake."""
    shares = _locked_shares(session, animal)
    waiting = sum(share.state == "held" for share in shares)
    if state == "slaughtered" and waiting:
        raise Problem(ErrorCode.STOCK_IN_USE, 409, params={"taken": waiting})
    before, after = ("free", "withdrawn") if state == "slaughtered" else ("withdrawn", "free")
    for share in shares:
        if share.state == before:
            share.state = after


def _locked_shares(session: Session, animal: Animal) -> Sequence[AnimalShare]:
    locked = select(AnimalShare).where(AnimalShare.animal_id == animal.id).order_by(AnimalShare.share_no)
    return session.scalars(locked.with_for_update().execution_options(populate_existing=True)).all()
