"""Facts waiting to take effect. PostgreSQL is the truth; Celery and Redis only ring the bell, so a wiped Redis loses nothing."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from belgenet.core.db.base import Base, TenantOwned, tenant_fk
from belgenet.core.db.types import utcnow


class OutboxEvent(TenantOwned, Base):
    """Something that happened, written in the transaction in which it happened. ``dedupe_key`` is unique within its topic."""

    __tablename__ = "outbox"
    extra_table_args = (
        UniqueConstraint("tenant_id", "topic", "dedupe_key"),
        Index("ix_outbox_waiting", "id", postgresql_where=text("dispatched_at IS NULL")),
    )

    topic: Mapped[str]
    dedupe_key: Mapped[str]
    payload: Mapped[dict[str, Any]] = mapped_column(JSONB)
    request_id: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    dispatched_at: Mapped[datetime | None]


class Delivery(TenantOwned, Base):
    """One consumer's share of an event: pending -> done, or dead after too many attempts (an administrator may retry it)."""

    __tablename__ = "outbox_deliveries"
    extra_table_args = (
        tenant_fk("outbox", "event_id", ondelete="CASCADE"),
        UniqueConstraint("event_id", "consumer"),
        Index("ix_outbox_deliveries_due", "available_at", postgresql_where=text("state = 'pending'")),
        Index("ix_outbox_deliveries_tenant_id_state", "tenant_id", "state", "id"),
    )

    event_id: Mapped[uuid.UUID]
    consumer: Mapped[str]
    queue: Mapped[str]
    state: Mapped[str] = mapped_column(default="pending")
    attempts: Mapped[int] = mapped_column(default=0)
    available_at: Mapped[datetime] = mapped_column(default=utcnow)
    started_at: Mapped[datetime | None]
    """When the run began that has not ended yet; or, when its worker died, never will."""
    finished_at: Mapped[datetime | None]
    last_error: Mapped[str | None]
