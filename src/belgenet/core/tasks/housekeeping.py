from datetime import timedelta
from typing import Any

from sqlalchemy import delete, func, select

from belgenet.core.db.types import utcnow
from belgenet.core.outbox.models import Delivery, OutboxEvent
from belgenet.core.web.idempotency import IdempotencyKey

DAY = timedelta(days=1)


def purge(request: Any) -> None:
    """Drop finished events after ``tasks.retention_days`` and idempotency keys after one day. Dead letters stay."""
    before = utcnow() - timedelta(days=request.settings.tasks.retention_days)
    unfinished = select(Delivery.id).where(Delivery.event_id == OutboxEvent.id, Delivery.state != "done")
    old = delete(OutboxEvent).where(
        OutboxEvent.created_at < before, OutboxEvent.dispatched_at.is_not(None), ~unfinished.exists()
    )
    request.db.execute(old.execution_options(synchronize_session=False))
    request.db.execute(delete(IdempotencyKey).where(IdempotencyKey.created_at < func.now() - DAY))
