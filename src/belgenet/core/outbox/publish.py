from typing import Any

import structlog
from sqlalchemy import func
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from belgenet.core.db.ids import uuid7
from belgenet.core.outbox.models import OutboxEvent

CHANNEL = "belgenet_outbox"


def publish(session: Session, topic: str, payload: dict[str, Any], dedupe_key: str) -> bool:
    """Write an event in the session's transaction and wake the relay when it commits.

    :param dedupe_key: unique within tenant and topic; a second event with it is dropped.
    :returns: False when it was dropped.
    """
    values = {
        "id": uuid7(),
        "tenant_id": session.info["tenant_id"],
        "topic": topic,
        "payload": payload,
        "dedupe_key": dedupe_key,
        "request_id": structlog.contextvars.get_contextvars().get("request_id"),
    }
    session.flush()
    row = insert(OutboxEvent.__table__).values(**values).on_conflict_do_nothing()  # type: ignore[arg-type]
    written = session.execute(row.returning(OutboxEvent.id, func.pg_notify(CHANNEL, "")))
    return written.first() is not None
