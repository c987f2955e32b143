"""Double entry. Append-only by trigger; a deferred constraint trigger refuses an entry whose lines do not sum to zero."""

import uuid
from datetime import datetime

from sqlalchemy import CHAR, BigInteger, CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from belgenet.core.db import Base, TenantOwned, tenant_fk, utcnow


class LedgerEntry(TenantOwned, Base):
    """One business fact in the books. ``(kind, source_id)`` is unique: nothing can be booked twice."""

    __tablename__ = "ledger_entries"
    extra_table_args = (
        tenant_fk("orders"),
        UniqueConstraint("tenant_id", "kind", "source_id"),
        Index("ix_ledger_entries_tenant_id_order_id_id", "tenant_id", "order_id", "id"),
    )

    kind: Mapped[str]
    source_id: Mapped[uuid.UUID]
    order_id: Mapped[uuid.UUID]
    created_at: Mapped[datetime] = mapped_column(default=utcnow)


class LedgerLine(TenantOwned, Base):
    """Debit (positive) or credit (negative) of one account, in minor units."""

    __tablename__ = "ledger_lines"
    extra_table_args = (
        tenant_fk("ledger_entries", "entry_id"),
        CheckConstraint("amount_minor <> 0", "amount"),
        Index("ix_ledger_lines_tenant_id_entry_id", "tenant_id", "entry_id"),
        Index("ix_ledger_lines_tenant_id_account", "tenant_id", "account", "currency"),
    )

    entry_id: Mapped[uuid.UUID]
    account: Mapped[str]
    currency: Mapped[str] = mapped_column(CHAR(3))
    amount_minor: Mapped[int] = mapped_column(BigInteger)
