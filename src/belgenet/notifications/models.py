from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from belgenet.core.db import Base, TenantOwned, Timestamps


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
