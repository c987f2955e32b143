"""Orders and their lines: what was agreed, frozen at the moment of ordering."""

import uuid
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import CHAR, BigInteger, CheckConstraint, ForeignKey, Index, Numeric, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from belgenet.core.db import Base, TenantOwned, Timestamps, Versioned, tenant_fk


class OrderStatus(StrEnum):
    """Derived from the sums of payments and refunds; see :func:`belgenet.commerce.orders.services.status.derive`."""

    PENDING = "pending"
    PARTIALLY_PAID = "partially_paid"
    PAID = "paid"
    PAID_UNALLOCATED = "paid_unallocated"
    EXPIRED = "expired"
    CANCELED = "canceled"
    PARTIALLY_REFUNDED = "partially_refunded"
    REFUNDED = "refunded"


class LineState(StrEnum):
    """What the sellable has done for a line."""

    HELD = "held"
    RELEASED = "released"
    FULFILLED = "fulfilled"
    REVOKED = "revoked"


class Order(Versioned, TenantOwned, Timestamps, Base):
    """A promise to pay ``total_minor``. ``paid_minor``, ``refunded_minor`` and ``status`` repeat what payments and refunds say.

    The contact is a snapshot: mails and provider risk checks must not change when the account does.
    """

    __tablename__ = "orders"
    extra_table_args = (
        UniqueConstraint("tenant_id", "number"),
        CheckConstraint("total_minor >= 0 AND paid_minor >= 0 AND refunded_minor >= 0", "amounts"),
        CheckConstraint("refunded_minor <= paid_minor", "refunded"),
        Index("ix_orders_tenant_id_account_id_id", "tenant_id", "account_id", "id"),
        Index("ix_orders_tenant_id_status_id", "tenant_id", "status", "id"),
        Index("ix_orders_tenant_id_contact_email_id", "tenant_id", "contact_email", "id"),
        Index("ix_orders_tenant_id_paid_at", "tenant_id", "paid_at", postgresql_where=text("paid_at IS NOT NULL")),
        Index(
            "ix_orders_tenant_id_hold_expires_at",
            "tenant_id",
            "hold_expires_at",
            postgresql_where=text("status = 'pending'"),
        ),
    )

    number: Mapped[str]
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"))
    status: Mapped[str] = mapped_column(default=OrderStatus.PENDING.value)
    currency: Mapped[str] = mapped_column(CHAR(3))
    total_minor: Mapped[int] = mapped_column(BigInteger)
    paid_minor: Mapped[int] = mapped_column(BigInteger, default=0)
    refunded_minor: Mapped[int] = mapped_column(BigInteger, default=0)
    locale: Mapped[str]
    contact_name: Mapped[str]
    contact_email: Mapped[str]
    contact_phone: Mapped[str | None]
    client_address: Mapped[str | None]
    hold_expires_at: Mapped[datetime | None]
    paid_at: Mapped[datetime | None]
    allocated_at: Mapped[datetime | None]
    expired_at: Mapped[datetime | None]
    canceled_at: Mapped[datetime | None]
    cancel_reason: Mapped[str | None]


class OrderLine(TenantOwned, Base):
    """One thing ordered. Price, tax, title and details are the quote's, never looked up again."""

    __tablename__ = "order_lines"
    extra_table_args = (
        tenant_fk("orders"),
        UniqueConstraint("tenant_id", "order_id", "position"),
        CheckConstraint("quantity > 0 AND unit_price_minor >= 0", "quantity"),
        CheckConstraint("total_minor = quantity * unit_price_minor", "total"),
        CheckConstraint("net_minor + tax_minor = total_minor", "tax"),
        CheckConstraint("state IN ('held', 'released', 'fulfilled', 'revoked')", "state"),
        Index("ix_order_lines_tenant_id_kind_ref", "tenant_id", "kind", "ref"),
    )

    order_id: Mapped[uuid.UUID]
    position: Mapped[int]
    kind: Mapped[str]
    ref: Mapped[str]
    title: Mapped[str]
    category: Mapped[str]
    quantity: Mapped[int]
    unit_price_minor: Mapped[int] = mapped_column(BigInteger)
    total_minor: Mapped[int] = mapped_column(BigInteger)
    tax_rate_percent: Mapped[Decimal] = mapped_column(Numeric(5, 2))
    net_minor: Mapped[int] = mapped_column(BigInteger)
    tax_minor: Mapped[int] = mapped_column(BigInteger)
    revenue_account: Mapped[str]
    certificate_follows: Mapped[bool]
    state: Mapped[str] = mapped_column(default=LineState.HELD.value)
    details: Mapped[dict[str, Any]] = mapped_column(JSONB)
