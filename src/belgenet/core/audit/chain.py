import hashlib
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Select, delete, func, select, text
from sqlalchemy.orm import Session

from belgenet.core.audit.models import AuditEvent, AuditSeal, AuditUnsealed
from belgenet.core.db.types import utcnow

GENESIS = "0" * 64
BATCH = 1000
PATIENCE = timedelta(minutes=10)
"""Sealing runs every minute; what waits longer waits because somebody or something stopped it."""


def digest(previous: str, event: AuditEvent) -> str:
    """``sha256(previous digest + canonical JSON of the event)``."""
    fields = {column.key: getattr(event, column.key) for column in AuditEvent.__table__.columns}
    fields["created_at"] = event.created_at.isoformat()
    return hashlib.sha256(
        previous.encode() + orjson.dumps(fields, option=orjson.OPT_SORT_KEYS, default=str)
    ).hexdigest()


def seal(request: Any) -> None:
    """Append unsealed events to the tenant's chain, oldest first. Two sealers wait on an advisory lock, never fork the chain; an
    event that is put up a second time does not stop the others.
    """
    session: Session = request.db
    session.execute(
        text("SELECT pg_advisory_xact_lock(hashtext('audit'), hashtext(:tenant))"), {"tenant": str(request.tenant.id)}
    )
    last = session.execute(
        select(AuditSeal.number, AuditSeal.digest).order_by(AuditSeal.number.desc()).limit(1)
    ).first()
    number, previous = last or (0, GENESIS)
    waiting = session.scalars(unsealed()).all()
    ids = [event.id for event in waiting]
    sealed = set(session.scalars(select(AuditSeal.event_id).where(AuditSeal.event_id.in_(ids))))
    for number, event in enumerate((event for event in waiting if event.id not in sealed), number + 1):  # noqa: B020
        previous = digest(previous, event)
        session.add(AuditSeal(event_id=event.id, number=number, digest=previous))
    done = delete(AuditUnsealed).where(AuditUnsealed.id.in_(ids))
    session.execute(done.execution_options(synchronize_session=False))


def unsealed() -> Select[AuditEvent]:
    """The next events to seal: a few rows beside a log of years."""
    ids = select(AuditUnsealed.id).order_by(AuditUnsealed.id).limit(BATCH).subquery()
    return select(AuditEvent).join(ids, ids.c.id == AuditEvent.id).order_by(AuditEvent.id)


def verify(session: Session) -> Iterator[str]:
    """Findings of a walk along the tenant's chain: a changed event, a missing one, a gap, one that was kept out or waits too long
    for its seal. Nothing: it is whole. Holds ``BATCH`` events at a time, however long the chain is.
    """
    previous, number = GENESIS, 0
    while rows := session.execute(links(number)).all():
        for link, event in rows:
            number += 1
            if link.number != number:
                yield f"gap before number {link.number}"
                return
            if event is None:
                yield f"event {link.event_id} (number {number}) is missing"
                return
            previous = digest(previous, event)
            if previous != link.digest:
                yield f"event {event.id} (number {number}) was changed"
                return
    kept_out = session.scalar(_kept_out())
    if kept_out is not None:
        yield f"event {kept_out} was kept out of the chain"
    late = session.scalar(_late())
    if late is not None:
        yield f"event {late} has waited for its seal for more than {int(PATIENCE.total_seconds()) // 60} minutes"


def links(after: int) -> Select[AuditSeal, AuditEvent | None]:
    """The seals that follow a number, with their events."""
    found = select(AuditSeal, AuditEvent).outerjoin(AuditEvent, AuditEvent.id == AuditSeal.event_id)
    return found.where(AuditSeal.number > after).order_by(AuditSeal.number).limit(BATCH)


def _kept_out() -> Select[UUID]:
    sealed = select(AuditSeal.id).where(AuditSeal.event_id == AuditEvent.id)
    waits = select(AuditUnsealed.id).where(AuditUnsealed.id == AuditEvent.id)
    return select(AuditEvent.id).where(~sealed.exists(), ~waits.exists()).limit(1)


def _late() -> Select[UUID]:
    waiting = select(AuditUnsealed.id).join(AuditEvent, AuditEvent.id == AuditUnsealed.id)
    return waiting.where(AuditEvent.created_at < utcnow() - PATIENCE).order_by(AuditUnsealed.id).limit(1)


def sealed_count(session: Session) -> int:
    """How many events the chain holds."""
    return session.scalar(select(func.count()).select_from(AuditSeal)) or 0
