import uuid
from datetime import date, datetime

from sqlalchemy import CHAR, BigInteger, CheckConstraint, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from belgenet.core.db import Base, TenantOwned, Timestamps, Versioned, tenant_fk, utcnow

Texts = dict[str, str]
"""A text per language: ``{"tr": ..., "en": ...}``."""


class Campaign(Versioned, TenantOwned, Timestamps, Base):
    """What donors give to: a kind of qurban, at a place, on a day, taken until ``closes_at``."""

    __tablename__ = "campaigns"
    extra_table_args = (
        UniqueConstraint("tenant_id", "slug"),
        CheckConstraint("kind IN ('vacip', 'adak', 'akika', 'sukur', 'nafile')", "kind"),
        CheckConstraint("status IN ('draft', 'published', 'closed')", "status"),
        Index("ix_campaigns_tenant_id_status", "tenant_id", "status", "closes_at", "id"),
    )

    slug: Mapped[str]
    kind: Mapped[str]
    title: Mapped[Texts] = mapped_column(JSONB)
    summary: Mapped[Texts] = mapped_column(JSONB, default=dict)
    description: Mapped[Texts] = mapped_column(JSONB, default=dict)
    region: Mapped[Texts] = mapped_column(JSONB, default=dict)
    slaughter_date: Mapped[date]
    closes_at: Mapped[datetime]
    status: Mapped[str] = mapped_column(default="draft")
    image_url: Mapped[str | None]

    @property
    def is_open(self) -> bool:
        """Whether orders are taken now."""
        return self.status == "published" and self.closes_at > utcnow()


class CampaignOption(Versioned, TenantOwned, Timestamps, Base):
    """One thing to choose within a campaign: a share of a cattle (7 shares) or a whole small animal (1 share)."""

    __tablename__ = "campaign_options"
    extra_table_args = (
        tenant_fk("campaigns"),
        CheckConstraint(
            "(animal_class = 'cattle' AND shares_per_animal = 7) OR (animal_class = 'small' AND shares_per_animal = 1)",
            "shares_per_animal",
        ),
        CheckConstraint("price_minor > 0", "price_minor"),
        Index("ix_campaign_options_tenant_id_campaign_id", "tenant_id", "campaign_id", "position", "id"),
    )

    campaign_id: Mapped[uuid.UUID]
    title: Mapped[Texts] = mapped_column(JSONB)
    animal_class: Mapped[str]
    shares_per_animal: Mapped[int]
    price_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(CHAR(3))
    active: Mapped[bool] = mapped_column(default=True)
    position: Mapped[int] = mapped_column(default=0)
