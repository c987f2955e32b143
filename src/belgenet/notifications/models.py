from datetime import datetime
from typing import Any, Final

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from belgenet.core.db import Base, TenantOwned, Timestamps

NO_NUMBER: Final = "invalid_number"
"""``last_error`` of an SMS to what is no mobile number; none is ever sent."""


class MailMessage(TenantOwned, Timestamps, Base):
    """A mail as it was rendered, and what became of it: ``queued`` -> ``sending`` -> ``sent``, or ``failed`` after all attempts.

    ``message_id`` never changes, so a mail sent twice because a process died between the SMTP server's "OK" and our commit is
    one mail to every mail program. Texts with a secret in them are wiped once sent.
    """

    __tablename__ = "mail_messages"
    extra_table_args = (
        UniqueConstraint("tenant_id", "dedupe_key"),
        CheckConstraint("state IN ('queued', 'sending', 'sent', 'failed')", "state"),
        Index("ix_mail_messages_tenant_id_created_at_id", "tenant_id", "created_at", "id"),
        Index("ix_mail_messages_kept", "tenant_id", "created_at", postgresql_where=text("forgotten_at IS NULL")),
    )

    dedupe_key: Mapped[str]
    template: Mapped[str]
    locale: Mapped[str]
    recipient: Mapped[str]
    recipient_name: Mapped[str]
    subject: Mapped[str]
    text: Mapped[str]
    html: Mapped[str]
    attachments: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, default=list)
    message_id: Mapped[str]
    state: Mapped[str] = mapped_column(default="queued")
    sending_since: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    last_error: Mapped[str | None]
    forgotten_at: Mapped[datetime | None]
    """When its texts were removed because they had been kept long enough."""


class SmsMessage(TenantOwned, Timestamps, Base):
    """An SMS as it was rendered, and what became of it: ``queued`` -> ``sending`` -> ``sent``; ``failed`` when the provider refused
    it, all attempts were used up or there is no such number; ``unknown`` when it may have gone out, so that nobody sends it twice.
    """

    __tablename__ = "sms_messages"
    extra_table_args = (
        UniqueConstraint("tenant_id", "dedupe_key"),
        CheckConstraint("state IN ('queued', 'sending', 'sent', 'failed', 'unknown')", "state"),
        CheckConstraint("segments > 0", "segments"),
        Index("ix_sms_messages_tenant_id_created_at_id", "tenant_id", "created_at", "id"),
        Index("ix_sms_messages_kept", "tenant_id", "created_at", postgresql_where=text("forgotten_at IS NULL")),
        Index(
            "ix_sms_messages_not_sent",
            "tenant_id",
            "updated_at",
            postgresql_where=text("state IN ('failed', 'unknown') AND forgotten_at IS NULL"),
        ),
        Index("ix_sms_messages_sending", "tenant_id", "sending_since", postgresql_where=text("state = 'sending'")),
    )

    dedupe_key: Mapped[str]
    template: Mapped[str]
    locale: Mapped[str]
    recipient: Mapped[str]
    """E.164, or what was given instead of a number (``failed``)."""
    text: Mapped[str]
    segments: Mapped[int]
    state: Mapped[str] = mapped_column(default="queued")
    provider_id: Mapped[str | None]
    """The provider's name for it, to ask its support about."""
    sending_since: Mapped[datetime | None]
    """When the last try left."""
    sent_at: Mapped[datetime | None]
    last_error: Mapped[str | None]
    """A stable word (``rate_limited``), and the provider's own code in brackets."""
    forgotten_at: Mapped[datetime | None]
    """When its text and most of its number were removed because they had been kept long enough."""

    @property
    def repeatable(self) -> bool:
        """Whether it certainly did not go out, and there is still something to send to somebody."""
        return self.state == "failed" and self.last_error != NO_NUMBER and self.forgotten_at is None
