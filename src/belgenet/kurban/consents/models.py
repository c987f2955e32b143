import uuid
from datetime import datetime

from sqlalchemy import CHAR, CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import INET
from sqlalchemy.orm import Mapped, mapped_column

from belgenet.core.db import Base, TenantOwned, tenant_fk, utcnow

METHODS = ("web", "phone", "office", "recorded_call")


class ConsentText(TenantOwned, Base):
    """One version of the vekâlet text in one language. Append-only: a change is a new version, because donors signed this one.

    ``sha256`` is the hex digest of the body's UTF-8 bytes; the database computes it again and refuses another.
    """

    __tablename__ = "consent_texts"
    extra_table_args = (
        UniqueConstraint("tenant_id", "locale", "version"),
        CheckConstraint("locale IN ('tr', 'en')", "locale"),
        CheckConstraint("version > 0", "version"),
        CheckConstraint("sha256 = encode(sha256(convert_to(body, 'UTF8')), 'hex')", "sha256"),
    )

    locale: Mapped[str]
    version: Mapped[int]
    title: Mapped[str]
    body: Mapped[str]
    sha256: Mapped[str] = mapped_column(CHAR(64))
    published_by: Mapped[uuid.UUID | None]
    created_at: Mapped[datetime] = mapped_column(default=utcnow)


class Consent(TenantOwned, Base):
    """A vekâlet: who gave it, on whose behalf, to which words, when and from where. One for each share; append-only.

    The names are copied, so the record says what was agreed even if a participant is corrected later.
    """

    __tablename__ = "consents"
    extra_table_args = (
        tenant_fk("consent_texts", "text_id"),
        tenant_fk("share_participants", "participant_id"),
        ForeignKeyConstraint(["giver_account_id"], ["accounts.id"]),
        UniqueConstraint("tenant_id", "participant_id"),
        CheckConstraint("method IN ('web', 'phone', 'office', 'recorded_call')", "method"),
        Index("ix_consents_tenant_id_order_id", "tenant_id", "order_id"),
        Index("ix_consents_tenant_id_text_id", "tenant_id", "text_id"),
    )

    participant_id: Mapped[uuid.UUID]
    order_id: Mapped[uuid.UUID]
    text_id: Mapped[uuid.UUID]
    text_version: Mapped[int]
    sha256: Mapped[str] = mapped_column(CHAR(64))
    locale: Mapped[str]
    giver_account_id: Mapped[uuid.UUID]
    shareholder_name: Mapped[str]
    intention: Mapped[str]
    relation: Mapped[str | None]
    method: Mapped[str] = mapped_column(default="web")
    given_at: Mapped[datetime] = mapped_column(default=utcnow)
    address: Mapped[str | None] = mapped_column(INET)
    user_agent: Mapped[str | None]
