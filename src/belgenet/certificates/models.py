"""Tables of the certificates domain."""

import uuid
from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import CHAR, CheckConstraint, Index, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from belgenet.certificates.interfaces import CertificateState
from belgenet.core.db import Base, TenantOwned, Timestamps, Versioned, tenant_fk, utcnow

_STATES = ", ".join(f"'{state}'" for state in CertificateState)


class Certificate(Versioned, Timestamps, TenantOwned, Base):
    """One certificate. A subject has one ``current`` at most: the one that stands for it, or shall once it is made. The one that
    comes in its place names it in ``replaces`` until then.

    ``generation`` names the worker's try that may write the result; ``generating_since`` tells when it may be
    taken for dead.
    """

    __tablename__ = "certificates"
    extra_table_args: ClassVar[tuple[Any, ...]] = (
        tenant_fk("certificates", "replaced_by"),
        tenant_fk("certificates", "replaces"),
        tenant_fk("certificate_templates", "template_id"),
        UniqueConstraint("tenant_id", "code"),
        UniqueConstraint("tenant_id", "number"),
        CheckConstraint(f"state IN ({_STATES})", "state"),
        CheckConstraint("state <> 'READY' OR (object_key IS NOT NULL AND sha256 IS NOT NULL)", "ready_is_stored"),
        CheckConstraint("(state = 'REVOKED') = (revoked_at IS NOT NULL)", "revoked_has_time"),
        Index(
            "uq_certificates_current_subject",
            "tenant_id",
            "kind",
            "subject_id",
            unique=True,
            postgresql_where=text("current"),
        ),
        CheckConstraint("replaces IS NULL OR NOT current AND state <> 'REVOKED'", "successor_is_not_current"),
        Index(
            "uq_certificates_successor",
            "tenant_id",
            "replaces",
            unique=True,
            postgresql_where=text("replaces IS NOT NULL"),
        ),
        Index("ix_certificates_tenant_id_owner_id", "tenant_id", "owner_id", "id"),
        Index("ix_certificates_tenant_id_order_id", "tenant_id", "order_id"),
        Index("ix_certificates_tenant_id_state", "tenant_id", "state", "id"),
        Index("ix_certificates_revoked", "tenant_id", "revoked_at", postgresql_where=text("revoked_at IS NOT NULL")),
    )

    kind: Mapped[str]
    subject_id: Mapped[uuid.UUID]
    order_id: Mapped[uuid.UUID | None]
    owner_id: Mapped[uuid.UUID]
    recipient: Mapped[str]
    email: Mapped[str]
    phone: Mapped[str | None]
    locale: Mapped[str]
    code: Mapped[str] = mapped_column(CHAR(16))
    number: Mapped[str | None]
    state: Mapped[str] = mapped_column(default=CertificateState.PENDING)
    current: Mapped[bool] = mapped_column(default=True)
    facts: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    template_id: Mapped[uuid.UUID | None]
    object_key: Mapped[str | None]
    sha256: Mapped[str | None] = mapped_column(CHAR(64))
    size: Mapped[int | None]
    pages: Mapped[int | None]
    issued_on: Mapped[date | None]
    generation: Mapped[uuid.UUID | None]
    generating_since: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str | None]
    ready_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    revocation_reason: Mapped[str | None]
    revocation_note: Mapped[str | None]
    replaced_by: Mapped[uuid.UUID | None]
    replaces: Mapped[uuid.UUID | None]
    """The valid certificate whose place this one takes as soon as it is READY."""
    issue_note: Mapped[str | None]
    """Why it was issued anew, in the administrator's words."""


class CertificateWord(Base):
    """The folded words a certificate is found by: its recipient's name, its e-mail and its number. The database writes them.

    Row level security lets an index serve plain comparisons only (they leak nothing), so words are rows, not a trigram index.
    """

    __tablename__ = "certificate_words"
    __table_args__ = (
        tenant_fk("certificates", "certificate_id", ondelete="CASCADE"),
        Index("ix_certificate_words_tenant_id_certificate_id", "tenant_id", "certificate_id"),
    )

    tenant_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    word: Mapped[str] = mapped_column(Text(collation="C"), primary_key=True)
    certificate_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)


class CertificateTemplate(TenantOwned, Base):
    """One version of a tenant's own template; the highest number of a kind and language is used, none is changed."""

    __tablename__ = "certificate_templates"
    extra_table_args: ClassVar[tuple[Any, ...]] = (UniqueConstraint("tenant_id", "kind", "locale", "number"),)

    kind: Mapped[str]
    locale: Mapped[str]
    number: Mapped[int]
    html: Mapped[str]
    css: Mapped[str]
    packaged: Mapped[bool] = mapped_column(default=False)
    """True: back to the packaged template; ``html`` and ``css`` are empty."""
    author_id: Mapped[uuid.UUID | None]
    created_at: Mapped[datetime] = mapped_column(default=utcnow)


class SigningKey(TenantOwned, Base):
    """A key of the tenant. ``secret`` is sealed for ``<tenant id>/<kid>``; ``public`` is published as long as the row lives."""

    __tablename__ = "signing_keys"
    extra_table_args: ClassVar[tuple[Any, ...]] = (
        UniqueConstraint("tenant_id", "kid"),
        CheckConstraint("purpose IN ('root', 'pdf', 'qr')", "purpose"),
        CheckConstraint("state IN ('ACTIVE', 'RETIRED', 'WITHDRAWN')", "state"),
        Index(
            "uq_signing_keys_active_purpose",
            "tenant_id",
            "purpose",
            unique=True,
            postgresql_where=text("state = 'ACTIVE'"),
        ),
    )

    kid: Mapped[str]
    purpose: Mapped[str]
    state: Mapped[str]
    public: Mapped[str]
    secret: Mapped[str]
    not_before: Mapped[datetime]
    not_after: Mapped[datetime]
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    retired_at: Mapped[datetime | None]


class CertificateCounter(TenantOwned, Base):
    """Last certificate number of a year; its row is locked only while a worker takes the next one."""

    __tablename__ = "certificate_counters"
    extra_table_args: ClassVar[tuple[Any, ...]] = (UniqueConstraint("tenant_id", "year"),)

    year: Mapped[int]
    last: Mapped[int]
