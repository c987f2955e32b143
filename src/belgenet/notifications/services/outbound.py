"""Queueing messages and building the mails that go out."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from belgenet.core.db import utcnow, uuid7
from belgenet.core.outbox import publish
from belgenet.core.storage import ObjectStore
from belgenet.core.traversal import TenantInfo
from belgenet.notifications.events import MAIL_QUEUED
from belgenet.notifications.interfaces import Attachment
from belgenet.notifications.models import MailMessage
from belgenet.notifications.services.rendering import Renderer, one_line
from belgenet.notifications.services.texting import queue_sms

_MAX_NAME = 100


@dataclass(frozen=True, slots=True)
class TenantNotifier:
    """Notifier of one tenant, whose address is ``url``. ``sender`` is the setting ``mail.sender``; ``sms_active``: SMS are sent."""

    db: Session
    tenant: TenantInfo
    renderer: Renderer
    url: str
    sender: str
    sms_active: bool

    def email(
        self,
        template: str,
        to: str,
        locale: str,
        context: Mapping[str, Any],
        dedupe_key: str,
        attachments: Sequence[Attachment] = (),
    ) -> bool:
        """See Notifier."""
        mail = self.renderer.render(template, locale, context, self.tenant, self.url)
        mail_id, now = uuid7(), utcnow()
        values = {
            "id": mail_id,
            "tenant_id": self.tenant.id,
            "dedupe_key": dedupe_key,
            "template": template,
            "locale": locale,
            "recipient": to,
            "recipient_name": str(context.get("full_name", "")),
            "subject": mail.subject,
            "text": mail.text,
            "html": mail.html,
            "attachments": [asdict(item) for item in attachments],
            "message_id": f"<{mail_id}@{_domain(self.sender)}>",
            "state": "queued",
            "created_at": now,
            "updated_at": now,
        }
        written = insert(MailMessage).values(**values).on_conflict_do_nothing().returning(MailMessage.id)
        if self.db.execute(written).scalar() is None:
            return False
        publish(self.db, MAIL_QUEUED, {"mail_id": str(mail_id)}, str(mail_id))
        return True

    def sms(self, template: str, to: str, locale: str, context: Mapping[str, Any], dedupe_key: str) -> bool:
        """See Notifier."""
        if not self.sms_active:
            return False
        return queue_sms(self.db, self.tenant, template, to, locale, context, dedupe_key)


def message_of(mail: MailMessage, tenant_name: str, sender: str, store: ObjectStore) -> EmailMessage:
    """The message as it goes over the wire: text and HTML, then the attachments.

    Headers are built from addresses in parts and single lines, so a name cannot add headers.
    """
    message = EmailMessage(policy=SMTP)
    message["From"] = address(tenant_name, parseaddr(sender)[1])
    message["To"] = address(mail.recipient_name, mail.recipient)
    message["Subject"] = one_line(mail.subject)
    message["Date"] = format_datetime(mail.created_at)
    message["Message-ID"] = mail.message_id
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.text, cte="quoted-printable")
    message.add_alternative(mail.html, subtype="html", cte="quoted-printable")
    for item in mail.attachments:
        maintype, _, subtype = item["media_type"].partition("/")
        data = store.get(item["storage_key"])
        message.add_attachment(data, maintype=maintype, subtype=subtype, filename=one_line(item["filename"]))
    # Last: adding parts moves every Content header into the first of them.
    message["Content-Language"] = mail.locale
    return message


def address(name: str, email: str) -> Address:
    """A mailbox whose display name is one line of printable characters, at most 100."""
    return Address(display_name=one_line(name)[:_MAX_NAME].strip(), addr_spec=email)


def _domain(sender: str) -> str:
    return parseaddr(sender)[1].rpartition("@")[2] or "localhost"


def mail_id_of(payload: Mapping[str, Any]) -> UUID:
    """The mail an event is about."""
    return UUID(payload["mail_id"])
