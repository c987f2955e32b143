"""People. An account belongs to the person and is known to the whole installation; a membership is its place in one tenant."""

import uuid
from datetime import datetime

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column, relationship

from belgenet.core.db import Base, TenantOwned, Timestamps, Versioned, utcnow, uuid7


class Account(Timestamps, Base):
    """A person's key to the installation. Global table: whoever joins a second tenant keeps e-mail and password.

    What one tenant knows of the person is reached through its :class:`Membership`, never by account id alone.
    """

    __tablename__ = "accounts"
    __table_args__ = (
        Index("uq_accounts_email", "email", unique=True, postgresql_where=text("NOT is_guest")),
        Index("ix_accounts_guest_email", "email", postgresql_where=text("is_guest")),
        CheckConstraint("NOT is_guest OR password_hash IS NULL", "guest_has_no_password"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid7)
    email: Mapped[str]
    """Normalised: lower case, domain in IDNA form."""
    full_name: Mapped[str]
    phone: Mapped[str | None]
    locale: Mapped[str]
    password_hash: Mapped[str | None]
    is_guest: Mapped[bool] = mapped_column(default=False)
    platform_roles: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    email_verified_at: Mapped[datetime | None]
    disabled_at: Mapped[datetime | None]
    sessions_since: Mapped[datetime] = mapped_column(default=utcnow)
    """Sessions authenticated before this moment are dead, in every tenant: row level security lets nobody reach them all."""
    merged_into_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("accounts.id"))
    """The registered account that took over this guest's things."""


class Membership(Versioned, TenantOwned, Timestamps, Base):
    """An account's place in the tenant: its roles, and the name by which the tenant's administrator knows it."""

    __tablename__ = "memberships"
    extra_table_args = (
        ForeignKeyConstraint(["account_id"], ["accounts.id"]),
        UniqueConstraint("tenant_id", "account_id"),
        Index("ix_memberships_tenant_id_created_at_id", "tenant_id", "created_at", "id"),
        CheckConstraint("cardinality(roles) > 0", "has_a_role"),
    )

    account_id: Mapped[uuid.UUID]
    full_name: Mapped[str | None]
    """Set when an administrator corrected the name; other tenants keep seeing the person's own."""
    roles: Mapped[list[str]] = mapped_column(ARRAY(Text))
    disabled_at: Mapped[datetime | None]
    last_sign_in_at: Mapped[datetime | None]

    account: Mapped[Account] = relationship(lazy="raise")

    @property
    def name(self) -> str:
        """The name to show within the tenant."""
        return self.full_name or self.account.full_name


class SessionColumns:
    """One sign-in on one device. Tokens are kept as SHA-256 only; see ``services.refresh_tokens`` for what they are."""

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid7)
    account_id: Mapped[uuid.UUID]
    client: Mapped[str]
    """``web`` (token in a cookie) or ``native`` (the client holds it)."""
    family_hash: Mapped[bytes] = mapped_column(LargeBinary)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary)
    previous_hash: Mapped[bytes | None] = mapped_column(LargeBinary)
    salt: Mapped[bytes | None] = mapped_column(LargeBinary)
    device: Mapped[str]
    address: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    authenticated_at: Mapped[datetime] = mapped_column(default=utcnow)
    """When the person last proved who they are in this session."""
    rotated_at: Mapped[datetime] = mapped_column(default=utcnow)
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    revoked_for: Mapped[str | None]


class RefreshSession(SessionColumns, TenantOwned, Base):
    """A session in a tenant; only members have one."""

    __tablename__ = "refresh_sessions"
    extra_table_args = (
        ForeignKeyConstraint(
            ["tenant_id", "account_id"], ["memberships.tenant_id", "memberships.account_id"], ondelete="CASCADE"
        ),
        Index("ix_refresh_sessions_tenant_id_account_id", "tenant_id", "account_id"),
    )


class PlatformSession(SessionColumns, Base):
    """A session at the institution's own console."""

    __tablename__ = "platform_sessions"
    __table_args__ = (
        ForeignKeyConstraint(["account_id"], ["accounts.id"], ondelete="CASCADE"),
        Index("ix_platform_sessions_account_id", "account_id"),
    )


class RegistrationAttempt(Base):
    """One attempt to open an account: what somebody said, and the secret mailed for exactly that. Global, as accounts are.

    Several may wait for one e-mail, a stranger's among them; only the one whose secret *and* password come back counts.
    """

    __tablename__ = "registration_attempts"
    __table_args__ = (
        Index("ix_registration_attempts_account_id_id", "account_id", "id"),
        Index("ix_registration_attempts_created_at", "created_at"),
        UniqueConstraint("token_hash"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid7)
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    full_name: Mapped[str]
    phone: Mapped[str | None]
    locale: Mapped[str]
    password_hash: Mapped[str]
    token_hash: Mapped[bytes | None] = mapped_column(LargeBinary)
    """SHA-256 of the secret in the newest mail; None until one goes out."""
    expires_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=utcnow)


class OneTimeToken(Base):
    """The secret of a link that was mailed: kept as SHA-256, good once and for a while, at most one per account and purpose."""

    __tablename__ = "one_time_tokens"
    __table_args__ = (UniqueConstraint("account_id", "purpose"), UniqueConstraint("token_hash"))

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid7)
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    purpose: Mapped[str]
    token_hash: Mapped[bytes] = mapped_column(LargeBinary)
    expires_at: Mapped[datetime]
    created_at: Mapped[datetime] = mapped_column(default=utcnow)


class PlatformInvitation(Base):
    """The secret of a link that lets an administrator of the platform choose a password, as SHA-256. Only the platform's role reads
    or writes it: whoever can make one can open the institution's console.
    """

    __tablename__ = "platform_invitations"
    __table_args__ = (UniqueConstraint("token_hash"),)

    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary)
    expires_at: Mapped[datetime]
    created_at: Mapped[datetime] = mapped_column(default=utcnow)


class SignInFailures(Base):
    """Wrong passwords for an e-mail, whether or not it has an account: a lock must not tell who has one.

    ``address`` is where the attempts came from, or empty for all places together.
    """

    __tablename__ = "sign_in_failures"

    email_digest: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    address: Mapped[str] = mapped_column(primary_key=True)
    failures: Mapped[int]
    expires_at: Mapped[datetime]
