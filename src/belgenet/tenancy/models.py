import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CHAR, CheckConstraint, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from belgenet.core.db import Base, Timestamps, Versioned, uuid7


class Tenant(Versioned, Timestamps, Base):
    """A unit of the institution: a school, a branch, a foundation. Global table: hosts are looked up before a tenant is known.

    Row level security lets the application role read all and change only the bound tenant's row.
    """

    __tablename__ = "tenants"
    __table_args__ = (
        UniqueConstraint("slug"),
        UniqueConstraint("domain"),
        CheckConstraint("kind IN ('academy', 'charity')", "kind"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid7)
    slug: Mapped[str]
    domain: Mapped[str | None]
    name: Mapped[str]
    kind: Mapped[str]
    locale: Mapped[str] = mapped_column(default="tr")
    currency: Mapped[str] = mapped_column(CHAR(3), default="TRY")
    time_zone: Mapped[str] = mapped_column(default="Europe/Istanbul")
    branding: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    overrides: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    suspended_at: Mapped[datetime | None]
