"""Background work as the panel sees it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import case, func, select, update
from sqlalchemy.orm import Session

from belgenet.admin.interfaces import Attention
from belgenet.admin.schemas import DeadLettersQuery, TasksOut, WorkOut
from belgenet.core.db import utcnow
from belgenet.core.outbox.models import Delivery, OutboxEvent
from belgenet.core.outbox.publish import CHANNEL
from belgenet.core.web.pagination import keyset

DEAD, PENDING = "dead", "pending"


def dead_letters(session: Session, query: DeadLettersQuery) -> tuple[Sequence[Delivery], str | None]:
    """One page, newest first."""
    wanted = select(Delivery).where(Delivery.state == DEAD)
    if query.consumer:
        wanted = wanted.where(Delivery.consumer == query.consumer)
    return keyset(session, wanted, query, (Delivery.id,))


def events_of(session: Session, deliveries: Sequence[Delivery]) -> Mapping[UUID, OutboxEvent]:
    """The events behind deliveries, in one query."""
    ids = {row.event_id for row in deliveries}
    return {row.id: row for row in session.scalars(select(OutboxEvent).where(OutboxEvent.id.in_(ids)))}


def retry(session: Session, row: Delivery) -> bool:
    """Give a dead letter all its attempts again and wake the relay. :returns: False when it was not dead (any more)."""
    session.refresh(row, with_for_update=True)
    if row.state != DEAD:
        return False
    row.state, row.attempts, row.finished_at, row.available_at = PENDING, 0, None, utcnow()
    session.flush()
    session.execute(select(func.pg_notify(CHANNEL, "")))
    return True


def retry_many(session: Session, consumer: str | None, limit: int) -> list[UUID]:
    """Give the oldest ``limit`` dead letters, of one consumer if named, all their attempts again. Those somebody else is about to
    retry are left to them, so administrators who press at once share the work. The choice is materialised: a sub-select that skips
    locked rows may be run again for each row of a join, and would choose others each time. :returns: the letters.
    """
    oldest = select(Delivery.id).where(Delivery.state == DEAD)
    if consumer is not None:
        oldest = oldest.where(Delivery.consumer == consumer)
    oldest = oldest.order_by(Delivery.id).limit(limit).with_for_update(skip_locked=True)
    chosen = oldest.cte("chosen").prefix_with("MATERIALIZED")
    revived = {"state": PENDING, "attempts": 0, "finished_at": None, "available_at": utcnow()}
    again = update(Delivery).where(Delivery.id == chosen.c.id).values(**revived)
    again = again.returning(Delivery.id).execution_options(synchronize_session=False)
    found = list(session.execute(again).scalars())
    if found:
        session.execute(select(func.pg_notify(CHANNEL, "")))
    return found


def summary(session: Session) -> TasksOut:
    """Unfinished work by consumer; two queries."""
    now = utcnow()
    undispatched = select(func.count()).select_from(OutboxEvent).where(OutboxEvent.dispatched_at.is_(None))
    rows = session.execute(_unfinished()).all()
    return TasksOut(
        undispatched=session.scalar(undispatched) or 0,
        pending=sum(row.pending for row in rows),
        dead=sum(row.dead for row in rows),
        work=[_work(row, now) for row in rows],
    )


def _unfinished() -> Any:
    pending, dead = Delivery.state == PENDING, Delivery.state == DEAD
    return (
        select(
            Delivery.queue,
            Delivery.consumer,
            func.count().filter(pending).label("pending"),
            func.count().filter(pending, Delivery.attempts > 0).label("retrying"),
            func.count().filter(dead).label("dead"),
            func.min(case((pending, OutboxEvent.created_at))).label("oldest"),
        )
        .join(OutboxEvent, OutboxEvent.id == Delivery.event_id)
        .where(Delivery.state.in_((PENDING, DEAD)))
        .group_by(Delivery.queue, Delivery.consumer)
        .order_by(Delivery.queue, Delivery.consumer)
    )


def _work(row: Any, now: datetime) -> WorkOut:
    oldest = None if row.oldest is None else max(0, int((now - row.oldest).total_seconds()))
    return WorkOut(
        queue=row.queue,
        consumer=row.consumer,
        pending=row.pending,
        retrying=row.retrying,
        dead=row.dead,
        oldest_seconds=oldest,
    )


def counts(session: Session) -> dict[tuple[str, str], int]:
    """Unfinished deliveries of the session's tenant by (queue, state)."""
    rows = (
        select(Delivery.queue, Delivery.state, func.count())
        .where(Delivery.state.in_((PENDING, DEAD)))
        .group_by(Delivery.queue, Delivery.state)
    )
    return {(queue, state): count for queue, state, count in session.execute(rows)}


def ages(session: Session) -> dict[str, float]:
    """Seconds since the event behind the oldest pending delivery of the session's tenant, by queue."""
    now = utcnow()
    rows = session.execute(_unfinished()).all()
    found: dict[str, float] = {}
    for row in rows:
        if row.oldest is not None:
            found[row.queue] = max((now - row.oldest).total_seconds(), found.get(row.queue, 0.0))
    return found


def lag(session: Session) -> float:
    """Seconds since the oldest event of the session's tenant that the relay has not taken; 0 when it has taken all."""
    oldest = session.scalar(select(func.min(OutboxEvent.created_at)).where(OutboxEvent.dispatched_at.is_(None)))
    return 0.0 if oldest is None else max(0.0, (utcnow() - oldest).total_seconds())


def count_dead(session: Session, consumer: str | None = None) -> int:
    """Dead letters of the tenant, of one consumer if named."""
    dead = select(func.count()).select_from(Delivery).where(Delivery.state == DEAD)
    if consumer is not None:
        dead = dead.where(Delivery.consumer == consumer)
    return session.scalar(dead) or 0


def attention(session: Session) -> Sequence[Attention]:
    """AttentionProvider: dead letters."""
    return [Attention("dead_letters", count_dead(session), "/admin/dead-letters")]
