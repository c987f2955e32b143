"""Choosing shares so that none is sold twice, an order's shares stay on one animal, and begun animals fill up first.

Rows exist before anybody orders; whoever locks a free row first has it, and others skip it instead of waiting. When that leaves an
order short, or would split it needlessly, the order queues for the option and waits for the rows others are just deciding on, so
"nothing left" is said only when it is true.
"""

import uuid
from collections.abc import Iterator, Sequence

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from belgenet.commerce.orders.interfaces import AllocationFailed
from belgenet.kurban.campaigns.models import CampaignOption
from belgenet.kurban.shares.models import Animal, AnimalShare
from belgenet.kurban.shares.services.stock import free_shares

ALIVE = ("planned", "purchased", "ready")
TRIES = 3


def reserve(session: Session, option: CampaignOption, line_id: uuid.UUID, quantity: int) -> list[AnimalShare]:
    """Hold ``quantity`` free shares of an option for an order line, all or none.

    :raises AllocationFailed: ``out_of_stock``, with how many are ``left``.
    """
    held: list[AnimalShare] = []
    savepoint = session.begin_nested()
    for part in portions(quantity, option.shares_per_animal):
        shares = _lock(session, option.id, part)
        if len(shares) < part:
            savepoint.rollback()
            raise AllocationFailed("out_of_stock", left=free_shares(session, option.id))
        for share in shares:
            share.state, share.order_line_id = "held", line_id
        session.flush()
        held += shares
    savepoint.commit()
    return held


def portions(quantity: int, shares_per_animal: int) -> Iterator[int]:
    """Groups that should not be torn apart: whole cattle and a rest. Small animals are one each, so they come in one go."""
    if shares_per_animal == 1:
        yield quantity
        return
    yield from [shares_per_animal] * (quantity // shares_per_animal)
    if rest := quantity % shares_per_animal:
        yield rest


def _lock(session: Session, option_id: uuid.UUID, wanted: int) -> list[AnimalShare]:
    """Up to ``wanted`` free shares, locked until the transaction ends."""
    for attempt in range(TRIES):
        if attempt == 1:
            _queue(session, option_id)
        savepoint = session.begin_nested()
        shares, needless = _take(session, option_id, wanted, wait=attempt > 0)
        good = len(shares) == wanted and not needless
        if good or attempt == TRIES - 1:
            savepoint.commit()
            return shares
        savepoint.rollback()
    raise AssertionError("unreachable")


def _queue(session: Session, option_id: uuid.UUID) -> None:
    """One at a time from here on: two that wait for each other's rows would take from both what one of them could have."""
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"kurban.option:{option_id}", 0))))


def _take(session: Session, option_id: uuid.UUID, wanted: int, *, wait: bool) -> tuple[list[AnimalShare], bool]:
    """Lock free shares, best animal first; and whether they were split although one animal had room for all."""
    room = (
        select(AnimalShare.animal_id, func.count().label("free"))
        .where(AnimalShare.option_id == option_id, AnimalShare.state == "free")
        .group_by(AnimalShare.animal_id)
        .subquery("room")
    )
    fits = room.c.free >= wanted
    best = (case((fits, 0), else_=1), case((fits, room.c.free), else_=-room.c.free))
    statement = (
        select(AnimalShare, room.c.free)
        .join(room, room.c.animal_id == AnimalShare.animal_id)
        .join(Animal, Animal.id == AnimalShare.animal_id)
        .where(AnimalShare.option_id == option_id, AnimalShare.state == "free", Animal.state.in_(ALIVE))
        .order_by(*best, Animal.number, AnimalShare.share_no)
        .limit(wanted)
        .with_for_update(of=AnimalShare, skip_locked=not wait)
        .execution_options(populate_existing=True)
    )
    rows = session.execute(statement).all()
    return [share for share, _ in rows], _split_needlessly([(share.animal_id, free) for share, free in rows], wanted)


def _split_needlessly(rows: Sequence[tuple[uuid.UUID, int]], wanted: int) -> bool:
    animals = {animal_id for animal_id, _ in rows}
    return len(animals) > 1 and any(free >= wanted > 1 for _, free in rows)
