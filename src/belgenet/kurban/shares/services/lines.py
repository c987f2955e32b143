"""What happens to an order line's shares. Each step may run twice; the second time nothing more happens."""

import uuid
from collections.abc import Iterable, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from belgenet.commerce.orders.interfaces import Order, OrderLine
from belgenet.core.db import utcnow
from belgenet.core.web.errors import ErrorCode, Problem
from belgenet.kurban.campaigns.models import CampaignOption
from belgenet.kurban.consents.services import Giver, OnBehalfOf, record, require_current
from belgenet.kurban.shares.models import Animal, AnimalShare, ShareParticipant
from belgenet.kurban.shares.schemas import ParticipantIn
from belgenet.kurban.shares.services.reserve import reserve


def hold(session: Session, order: Order, line: OrderLine) -> None:
    """Hold shares, and on the first time record the participants and their consents.

    :raises AllocationFailed: not enough is free.
    :raises Problem: ``consent_outdated``.
    """
    if shares_of(session, line.id):
        return
    participants = participants_of(session, line.id) or _enter(session, order, line)
    _assign(session, line, participants)


def release(session: Session, line: OrderLine) -> None:
    """Free what is held and not yet paid."""
    held = [share for share in shares_of(session, line.id, lock=True) if share.state == "held"]
    _free(session, line.id, held)


def fulfil(session: Session, line: OrderLine) -> None:
    """The held shares are sold. A line whose hold ran out gets others if there are.

    :raises AllocationFailed: nothing is free any more.
    """
    shares = shares_of(session, line.id, lock=True)
    if not shares:
        _assign(session, line, participants_of(session, line.id))
        shares = shares_of(session, line.id)
    now = utcnow()
    for share in shares:
        if share.state == "held":
            share.state, share.sold_at = "sold", now
    session.flush()


def revoke(session: Session, line: OrderLine) -> None:
    """The money went back: the shares are for sale again, except those of an animal that was already slaughtered."""
    shares = shares_of(session, line.id, lock=True)
    gone = select(Animal.id).where(Animal.id.in_([s.animal_id for s in shares]), Animal.state == "slaughtered")
    slaughtered = set(session.scalars(gone))
    for share in shares:
        if share.animal_id in slaughtered:
            share.state, share.sold_at = "refunded", share.sold_at or utcnow()
    _free(session, line.id, [share for share in shares if share.animal_id not in slaughtered])


def shares_of(session: Session, line_id: uuid.UUID, *, lock: bool = False) -> Sequence[AnimalShare]:
    """The shares a line has, in reading order."""
    statement = (
        select(AnimalShare)
        .join(Animal, Animal.id == AnimalShare.animal_id)
        .where(AnimalShare.order_line_id == line_id)
        .order_by(Animal.number, AnimalShare.share_no)
    )
    if lock:
        statement = statement.with_for_update(of=AnimalShare).execution_options(populate_existing=True)
    return session.scalars(statement).all()


def participants_of(session: Session, line_id: uuid.UUID) -> Sequence[ShareParticipant]:
    """On whose behalf the line's shares are, in the order they were named."""
    named = select(ShareParticipant).where(ShareParticipant.order_line_id == line_id)
    return session.scalars(named.order_by(ShareParticipant.position)).all()


def _enter(session: Session, order: Order, line: OrderLine) -> Sequence[ShareParticipant]:
    named = [ParticipantIn.model_validate(item) for item in line.details["participants"]]
    if len(named) != line.quantity:
        raise Problem(ErrorCode.PARTICIPANTS_MISMATCH, 400)
    rows = [
        ShareParticipant(order_line_id=line.id, position=number, **who.model_dump()) for number, who in enumerate(named)
    ]
    session.add_all(rows)
    session.flush()
    consent = line.details["consent"]
    text = require_current(session, uuid.UUID(consent["text_id"]), consent["sha256"])
    giver = Giver(order.account_id, order.client_address, consent.get("user_agent"))
    record(session, order.id, text, giver, [OnBehalfOf(r.id, r.full_name, r.intention, r.relation) for r in rows])
    return rows


def _assign(session: Session, line: OrderLine, participants: Sequence[ShareParticipant]) -> None:
    option = session.get_one(CampaignOption, uuid.UUID(line.ref))
    shares = reserve(session, option, line.id, line.quantity)
    for participant, share in zip(participants, shares, strict=True):
        participant.share_id = share.id
    session.flush()


def _free(session: Session, line_id: uuid.UUID, shares: Iterable[AnimalShare]) -> None:
    freed = {share.id for share in shares}
    for participant in participants_of(session, line_id):
        if participant.share_id in freed:
            participant.share_id = None
    for share in shares:
        share.state, share.order_line_id, share.sold_at = "free", None, None
    session.flush()
