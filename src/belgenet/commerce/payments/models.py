"""Payments: what was asked of providers, what they said, and what was given back."""

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CHAR, BigInteger, CheckConstraint, Index, UniqueConstraint, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from belgenet.core.db import Base, TenantOwned, Timestamps, tenant_fk, utcnow

OPEN = "state IN ('created', 'pending', 'unknown')"
FINISHED_NOTICE = "state IN ('done', 'ignored', 'dismissed')"


class State(StrEnum):
    """Of an attempt, and of the payment it serves. ``unknown``: the provider gave no answer, so nobody may assume one."""

    CREATED = "created"
    PENDING = "pending"
    UNKNOWN = "unknown"
    CONFIRMED = "confirmed"
    FAILED = "failed"
    MISMATCH = "mismatch"


OPEN_STATES = frozenset({State.CREATED, State.PENDING, State.UNKNOWN})
_STATES = "state IN ('created', 'pending', 'unknown', 'confirmed', 'failed', 'mismatch')"


class RefundStatus(StrEnum):
    """Of a refund. All but ``failed`` reserve their amount, so that two refunds can never exceed the payment."""

    CREATED = "created"
    IN_TRANSIT = "in_transit"
    UNKNOWN = "unknown"
    DONE = "done"
    FAILED = "failed"


class Payment(TenantOwned, Timestamps, Base):
    """Money wanted from one provider for one order; confirmed, it counts towards the order's sum exactly once."""

    __tablename__ = "payments"
    extra_table_args = (
        tenant_fk("orders"),
        CheckConstraint("amount_minor > 0", "amount"),
        CheckConstraint(_STATES, "state"),
        Index("ix_payments_tenant_id_order_id_id", "tenant_id", "order_id", "id"),
        Index("uq_payments_open", "tenant_id", "order_id", "provider", unique=True, postgresql_where=text(OPEN)),
    )

    order_id: Mapped[uuid.UUID]
    provider: Mapped[str]
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(CHAR(3))
    state: Mapped[str] = mapped_column(default=State.CREATED.value)
    provider_ref: Mapped[str | None]
    charged_minor: Mapped[int | None] = mapped_column(BigInteger)
    fees_minor: Mapped[int | None] = mapped_column(BigInteger)
    installment: Mapped[int | None]
    card_brand: Mapped[str | None]
    card_last4: Mapped[str | None]
    decline: Mapped[str | None]
    confirmed_at: Mapped[datetime | None]


class PaymentAttempt(TenantOwned, Timestamps, Base):
    """One conversation with a provider: its id is the provider's conversation id. Request and response are redacted."""

    __tablename__ = "payment_attempts"
    extra_table_args = (
        tenant_fk("payments"),
        tenant_fk("orders"),
        CheckConstraint("amount_minor > 0", "amount"),
        CheckConstraint(_STATES, "state"),
        UniqueConstraint("tenant_id", "provider", "token"),
        UniqueConstraint("tenant_id", "provider", "provider_ref"),
        Index("uq_payment_attempts_open", "tenant_id", "payment_id", unique=True, postgresql_where=text(OPEN)),
        Index("ix_payment_attempts_due", "tenant_id", "check_after", postgresql_where=text(OPEN)),
        Index("ix_payment_attempts_tenant_id_order_id_id", "tenant_id", "order_id", "id"),
    )

    payment_id: Mapped[uuid.UUID]
    order_id: Mapped[uuid.UUID]
    provider: Mapped[str]
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(CHAR(3))
    state: Mapped[str] = mapped_column(default=State.CREATED.value)
    token: Mapped[str | None]
    redirect_url: Mapped[str | None]
    expires_at: Mapped[datetime | None]
    provider_ref: Mapped[str | None]
    decline: Mapped[str | None]
    error: Mapped[str | None]
    client_address: Mapped[str | None]
    request: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    response: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    checks: Mapped[int] = mapped_column(default=0)
    checked_at: Mapped[datetime | None]
    check_after: Mapped[datetime] = mapped_column(default=utcnow)


class PaymentItemRef(TenantOwned, Base):
    """The provider's id of one order line within a payment (iyzico ``paymentTransactionId``), as its panel shows it."""

    __tablename__ = "payment_item_refs"
    extra_table_args = (tenant_fk("payments"), UniqueConstraint("tenant_id", "payment_id", "item_ref"))

    payment_id: Mapped[uuid.UUID]
    line_id: Mapped[str]
    item_ref: Mapped[str]
    amount_minor: Mapped[int] = mapped_column(BigInteger)


class Refund(TenantOwned, Timestamps, Base):
    """Money given back. Written and committed before the provider is asked, so a crash leaves a question, never a loss.

    ``origin`` is ``ours``, or ``provider`` for refunds made in the provider's own panel. ``request_key`` ties a repeated
    request to the row it made before. ``line_ids`` are the order lines that are taken back when all of it has gone through.
    """

    __tablename__ = "refunds"
    extra_table_args = (
        tenant_fk("payments"),
        tenant_fk("orders"),
        CheckConstraint("amount_minor > 0 AND done_minor >= 0 AND done_minor <= amount_minor", "amount"),
        CheckConstraint("state IN ('created', 'in_transit', 'unknown', 'done', 'failed')", "state"),
        CheckConstraint("origin IN ('ours', 'provider')", "origin"),
        UniqueConstraint("tenant_id", "request_key"),
        UniqueConstraint("tenant_id", "payment_id", "provider_ref"),
        Index("ix_refunds_tenant_id_order_id_id", "tenant_id", "order_id", "id"),
        Index(
            "ix_refunds_due",
            "tenant_id",
            "check_after",
            postgresql_where=text("state IN ('created', 'in_transit', 'unknown')"),
        ),
    )

    payment_id: Mapped[uuid.UUID]
    order_id: Mapped[uuid.UUID]
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    done_minor: Mapped[int] = mapped_column(BigInteger, default=0)
    currency: Mapped[str] = mapped_column(CHAR(3))
    state: Mapped[str] = mapped_column(default=RefundStatus.CREATED.value)
    origin: Mapped[str] = mapped_column(default="ours")
    reason: Mapped[str]
    request_key: Mapped[str]
    requested_by: Mapped[uuid.UUID | None]
    line_ids: Mapped[list[uuid.UUID]] = mapped_column(ARRAY(Uuid), default=list)
    provider_ref: Mapped[str | None]
    error: Mapped[str | None]
    response: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    checks: Mapped[int] = mapped_column(default=0)
    check_after: Mapped[datetime] = mapped_column(default=utcnow)
    finished_at: Mapped[datetime | None]


class PaymentEvent(TenantOwned, Base):
    """One thing that happened to an order's money. Append-only; ``source`` is who noticed."""

    __tablename__ = "payment_events"
    extra_table_args = (
        tenant_fk("orders"),
        Index("ix_payment_events_tenant_id_order_id_id", "tenant_id", "order_id", "id"),
    )

    order_id: Mapped[uuid.UUID]
    payment_id: Mapped[uuid.UUID | None]
    attempt_id: Mapped[uuid.UUID | None]
    kind: Mapped[str]
    source: Mapped[str]
    data: Mapped[dict[str, Any]] = mapped_column(JSONB)
    created_at: Mapped[datetime] = mapped_column(default=utcnow)


class PaymentReview(TenantOwned, Timestamps, Base):
    """A decision only a person can take: money without goods, paid twice, amounts that differ, refunds nobody asked us for."""

    __tablename__ = "payment_reviews"
    extra_table_args = (
        tenant_fk("orders"),
        UniqueConstraint("tenant_id", "dedupe_key"),
        CheckConstraint("state IN ('open', 'resolved')", "state"),
        Index("ix_payment_reviews_tenant_id_state_id", "tenant_id", "state", "id"),
        Index("ix_payment_reviews_tenant_id_order_id", "tenant_id", "order_id"),
    )

    order_id: Mapped[uuid.UUID]
    payment_id: Mapped[uuid.UUID | None]
    kind: Mapped[str]
    dedupe_key: Mapped[str]
    details: Mapped[dict[str, Any]] = mapped_column(JSONB)
    state: Mapped[str] = mapped_column(default="open")
    note: Mapped[str | None]
    resolved_by: Mapped[uuid.UUID | None]
    resolved_at: Mapped[datetime | None]


class WebhookInbox(TenantOwned, Base):
    """A notification, reduced to its hint. ``unmatched`` rows name payments we do not know, and wait until somebody has looked
    and dismisses them. The others are dropped after ``payments.webhook_retention_days``.
    """

    __tablename__ = "webhook_inbox"
    extra_table_args = (
        UniqueConstraint("tenant_id", "provider", "event_key"),
        CheckConstraint("state IN ('received', 'done', 'ignored', 'unmatched', 'dismissed')", "state"),
        CheckConstraint("(state = 'dismissed') = (dismissed_at IS NOT NULL AND reason IS NOT NULL)", "dismissed"),
        Index("ix_webhook_inbox_tenant_id_state_id", "tenant_id", "state", "id"),
        Index("ix_webhook_inbox_finished", "tenant_id", "received_at", postgresql_where=text(FINISHED_NOTICE)),
    )

    provider: Mapped[str]
    event_key: Mapped[str]
    event_type: Mapped[str]
    status_hint: Mapped[str | None]
    signed: Mapped[bool]
    lookup: Mapped[dict[str, Any]] = mapped_column(JSONB)
    state: Mapped[str] = mapped_column(default="received")
    attempt_id: Mapped[uuid.UUID | None]
    occurred_at: Mapped[datetime | None]
    received_at: Mapped[datetime] = mapped_column(default=utcnow)
    processed_at: Mapped[datetime | None]
    reason: Mapped[str | None]
    dismissed_by: Mapped[uuid.UUID | None]
    dismissed_at: Mapped[datetime | None]
