from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CHAR, BigInteger, ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from belgenet.core.db.base import Base, TenantOwned
from belgenet.core.db.types import utcnow


class AuditEvent(TenantOwned, Base):
    """One act. ``before`` and ``after`` hold only the fields that changed, never a secret."""

    __tablename__ = "audit_events"
    extra_table_args = (Index("ix_audit_events_tenant_id_target", "tenant_id", "target_type", "target_id"),)

    action: Mapped[str]
    actor_id: Mapped[UUID | None]
    actor_address: Mapped[str | None]
    target_type: Mapped[str]
    target_id: Mapped[str]
    before: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    after: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    request_id: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(default=utcnow)


class AuditSeal(TenantOwned, Base):
    """The chain beside the events: sealing later keeps writers from queueing behind one another for the last hash."""

    __tablename__ = "audit_seals"
    extra_table_args = (UniqueConstraint("tenant_id", "event_id"), UniqueConstraint("tenant_id", "number"))

    event_id: Mapped[UUID]
    number: Mapped[int] = mapped_column(BigInteger)
    digest: Mapped[str] = mapped_column(CHAR(64))


class AuditUnsealed(TenantOwned, Base):
    """The id of an event that waits for its seal; a trigger writes it with the event. However late a transaction commits, what it
    did is found here, and nobody searches the whole log for it. Only what happened can wait: made-up rows would hold up the others.
    """

    __tablename__ = "audit_unsealed"
    extra_table_args = (ForeignKeyConstraint(["tenant_id", "id"], ["audit_events.tenant_id", "audit_events.id"]),)
