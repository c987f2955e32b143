import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from belgenet.core.db import Base, TenantOwned, Timestamps, tenant_fk


class Animal(TenantOwned, Timestamps, Base):
    """An animal of an option. ``number`` counts within the campaign and gives the code that stands on the certificate."""

    __tablename__ = "animals"
    extra_table_args = (
        tenant_fk("campaigns"),
        tenant_fk("campaign_options", "option_id"),
        UniqueConstraint("tenant_id", "campaign_id", "number"),
        UniqueConstraint("tenant_id", "ear_tag"),
        CheckConstraint("state IN ('planned', 'purchased', 'ready', 'slaughtered')", "state"),
        Index("ix_animals_tenant_id_option_id", "tenant_id", "option_id"),
    )

    campaign_id: Mapped[uuid.UUID]
    option_id: Mapped[uuid.UUID]
    number: Mapped[int]
    animal_class: Mapped[str]
    ear_tag: Mapped[str | None]
    state: Mapped[str] = mapped_column(default="planned")

    @property
    def code(self) -> str:
        """Short name people read: ``B-007`` (büyükbaş, cattle) or ``K-012`` (küçükbaş, small)."""
        return f"{'B' if self.animal_class == 'cattle' else 'K'}-{self.number:03}"


class AnimalShare(TenantOwned, Base):
    """A seventh of a cattle or a whole small animal. All rows exist from the start; selling one means to hold its row.

    ``free`` has no holder; ``held`` waits for payment; ``sold`` is paid. When the animal is slaughtered, what nobody bought is
    ``withdrawn``, and what is paid back later is ``refunded``: neither is for sale again. A trigger refuses to pass a share from
    one order line to another without freeing it.
    """

    __tablename__ = "animal_shares"
    extra_table_args = (
        tenant_fk("animals"),
        tenant_fk("campaign_options", "option_id"),
        tenant_fk("order_lines"),
        UniqueConstraint("tenant_id", "animal_id", "share_no"),
        CheckConstraint("share_no BETWEEN 1 AND 7", "share_no"),
        CheckConstraint("state IN ('free', 'held', 'sold', 'refunded', 'withdrawn')", "state"),
        CheckConstraint("(state IN ('free', 'withdrawn')) = (order_line_id IS NULL)", "holder"),
        CheckConstraint("(state IN ('sold', 'refunded')) = (sold_at IS NOT NULL)", "sold_at"),
        Index("ix_animal_shares_free", "tenant_id", "option_id", "animal_id", postgresql_where=text("state = 'free'")),
        Index("ix_animal_shares_tenant_id_order_line_id", "tenant_id", "order_line_id"),
    )

    animal_id: Mapped[uuid.UUID]
    option_id: Mapped[uuid.UUID]
    share_no: Mapped[int]
    state: Mapped[str] = mapped_column(default="free")
    order_line_id: Mapped[uuid.UUID | None]
    sold_at: Mapped[datetime | None]


class ShareParticipant(TenantOwned, Base):
    """On whose behalf one share of an order line is given. Stays with the line; ``share_id`` is None while it has no share
    (the hold ran out, or the money went back).
    """

    __tablename__ = "share_participants"
    extra_table_args = (
        tenant_fk("order_lines"),
        tenant_fk("animal_shares", "share_id"),
        UniqueConstraint("tenant_id", "share_id"),
        UniqueConstraint("tenant_id", "order_line_id", "position"),
        CheckConstraint("intention IN ('vacip', 'adak', 'akika', 'sukur', 'nafile')", "intention"),
    )

    order_line_id: Mapped[uuid.UUID]
    position: Mapped[int]
    share_id: Mapped[uuid.UUID | None]
    full_name: Mapped[str]
    intention: Mapped[str]
    relation: Mapped[str | None]
