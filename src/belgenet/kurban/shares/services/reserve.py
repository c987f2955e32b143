"""Choosing shares so that none is sold twice, an order's shares stay on one animal, and begun animals fill up first.

Rows exist before anybody orders; whoever locks a free row first has it, and others skip it instead of waiting. When that leaves an
order short, or would split it needlessly, the order queues for the option and waits for the rows others are just deciding on, so
"nothing left" is said only when it is true.
"""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Uuid, any_, case, func, literal, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from belgenet.commerce.orders.interfaces import AllocationFailed
from belgenet.kurban.campaigns.models import CampaignOption
from belgenet.kurban.shares.models import AnimalShare
from belgenet.kurban.shares.services.stock import free_shares

TRIES = 4
SPARE = 32
"""How many more animals to look at than an order could need: as many others may be ordering at the same moment."""


@dataclass(frozen=True, slots=True)
class _Taken:
    """Locked shares. ``needless``: split although one animal had room for all. ``saw_all``: no further animal has a free share."""

    shares: list[AnimalShare]
    needless: bool
    saw_all: bool


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
    """Up to ``wanted`` free shares, locked until the transaction ends; fewer only when there are no more."""
    for attempt in range(TRIES):
        if attempt == 1:
            _queue(session, option_id)
        savepoint = session.begin_nested()
        taken = _take(session, option_id, wanted, wait=attempt > 0)
        complete = len(taken.shares) == wanted and not taken.needless
        if complete or (attempt > 0 and taken.saw_all) or attempt == TRIES - 1:
            savepoint.commit()
            return taken.shares
        savepoint.rollback()
    raise AssertionError("unreachable")


def _queue(session: Session, option_id: uuid.UUID) -> None:
    """One at a time from here on: two that wait for each other's rows would take from both what one of them could have."""
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"kurban.option:{option_id}", 0))))


def _take(session: Session, option_id: uuid.UUID, wanted: int, *, wait: bool) -> _Taken:
    """Lock free shares, best animal first.

    Two plain statements: joined in one, they would hang on the planner's guess of how many shares there are, which is wrong just
    after a stock was entered.
    """
    best, saw_all = _best_animals(session, option_id, wanted)
    if not best:
        return _Taken([], needless=False, saw_all=True)
    order = literal(list(best), ARRAY(Uuid))
    statement = (
        select(AnimalShare)
        .where(AnimalShare.option_id == option_id, AnimalShare.state == "free", AnimalShare.animal_id == any_(order))
        .order_by(func.array_position(order, AnimalShare.animal_id), AnimalShare.share_no)
        .limit(wanted)
        .with_for_update(skip_locked=not wait)
        .execution_options(populate_existing=True)
    )
    shares = list(session.scalars(statement))
    needless = _split_needlessly([(share.animal_id, best[share.animal_id]) for share in shares], wanted)
    return _Taken(shares, needless=needless, saw_all=saw_all)


def _best_animals(session: Session, option_id: uuid.UUID, wanted: int) -> tuple[dict[uuid.UUID, int], bool]:
    """The animals to try, best first, with their free shares; and whether these are all that have any.

    First those with room for all, the fullest of them first; then the emptiest, to split as little as possible.
    """
    free = func.count()
    fits = free >= wanted
    statement = (
        select(AnimalShare.animal_id, free)
        .where(AnimalShare.option_id == option_id, AnimalShare.state == "free")
        .group_by(AnimalShare.animal_id)
        .order_by(case((fits, 0), else_=1), case((fits, free), else_=-free), AnimalShare.animal_id)
        .limit(wanted + SPARE)
    )
    found = dict(session.execute(statement).all())
    return found, len(found) < wanted + SPARE


def _split_needlessly(rows: Sequence[tuple[uuid.UUID, int]], wanted: int) -> bool:
    animals = {animal_id for animal_id, _ in rows}
    return len(animals) > 1 and any(free >= wanted > 1 for _, free in rows)
