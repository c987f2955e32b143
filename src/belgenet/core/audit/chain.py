import hashlib
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import orjson
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from belgenet.core.audit.models import AuditEvent, AuditSeal
from belgenet.core.db.types import utcnow

GENESIS = "0" * 64
SETTLE = timedelta(seconds=30)
"""Events younger than this may still be joined by one with a smaller id from a transaction that has not committed."""
BATCH = 1000


def digest(previous: str, event: AuditEvent) -> str:
    """``sha256(previous digest + canonical JSON of the event)``."""
    fields = {column.key: getattr(event, column.key) for column in AuditEvent.__table__.columns}
    fields["created_at"] = event.created_at.isoformat()
    return hashlib.sha256(
        previous.encode() + orjson.dumps(fields, option=orjson.OPT_SORT_KEYS, default=str)
    ).hexdigest()


def seal(request: Any) -> None:
    """Append unsealed events to the tenant's chain, oldest first. Two sealers wait on an advisory lock, never fork the chain."""
    session: Session = request.db
    session.execute(
        text("SELECT pg_advisory_xact_lock(hashtext('audit'), hashtext(:tenant))"), {"tenant": str(request.tenant.id)}
    )
    last = session.execute(
        select(AuditSeal.number, AuditSeal.digest).order_by(AuditSeal.number.desc()).limit(1)
    ).first()
    number, previous = last or (0, GENESIS)
    sealed = select(AuditSeal.id).where(AuditSeal.event_id == AuditEvent.id)
    waiting = (
        select(AuditEvent).where(AuditEvent.created_at < utcnow() - SETTLE, ~sealed.exists()).order_by(AuditEvent.id)
    )
    for number, event in enumerate(session.scalars(waiting.limit(BATCH)), number + 1):  # noqa: B020
        previous = digest(previous, event)
        session.add(AuditSeal(event_id=event.id, number=number, digest=previous))


def verify(session: Session) -> Iterator[str]:
    """Findings of a walk along the tenant's chain: a changed event, a missing one, a gap. Nothing: it is whole."""
    previous = GENESIS
    rows = (
        select(AuditSeal, AuditEvent)
        .outerjoin(AuditEvent, AuditEvent.id == AuditSeal.event_id)
        .order_by(AuditSeal.number)
    )
    for expected, (link, event) in enumerate(session.execute(rows), 1):
        if link.number != expected:
            yield f"gap before number {link.number}"
            return
        if event is None:
            yield f"event {link.event_id} (number {link.number}) is missing"
            return
        previous = digest(previous, event)
        if previous != link.digest:
            yield f"event {event.id} (number {link.number}) was changed"
            return


def sealed_count(session: Session) -> int:
    """How many events the chain holds."""
    return session.scalar(select(func.count()).select_from(AuditSeal)) or 0
