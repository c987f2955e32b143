from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

import structlog
from sqlalchemy import or_, update
from sqlalchemy.orm import Session

from belgenet.core.db import execute_dml, utcnow
from belgenet.core.mail import Mailer
from belgenet.core.storage import ObjectStore
from belgenet.core.traversal import TenantInfo
from belgenet.notifications.models import MailMessage
from belgenet.notifications.services.outbound import message_of

log = structlog.get_logger(__name__)

CLAIM: Final = timedelta(seconds=60)
"""A mail that has been "sending" for longer belongs to a process that died."""
WITH_SECRETS: Final = frozenset({"verify_email", "reset_password", "invitation"})
WIPED: Final = "(removed after sending)"


class MailBusyError(Exception):
    """Another worker is sending this mail right now; try later."""


@dataclass(frozen=True, slots=True)
class Sending:
    """Steps of sending one mail. Each ends where the caller commits, so that no transaction waits for an SMTP server."""

    db: Session
    tenant: TenantInfo
    sender: str

    def claim(self, mail_id: UUID) -> MailMessage | None:
        """Take the mail; None when it has been sent.

        :raises MailBusyError: somebody else has it.
        """
        now = utcnow()
        free = or_(MailMessage.state.in_(("queued", "failed")), MailMessage.sending_since < now - CLAIM)
        taken = update(MailMessage).where(MailMessage.id == mail_id, MailMessage.state != "sent", free)
        taken = taken.values(state="sending", sending_since=now, updated_at=now).execution_options(
            synchronize_session=False
        )
        mail = self.db.get(MailMessage, mail_id)
        if mail is None or mail.state == "sent":
            return None
        if mail.state == "sending":
            log.warning("mail.may_repeat", mail=str(mail_id), message_id=mail.message_id)
        if execute_dml(self.db, taken).rowcount == 0:  # type: ignore[attr-defined]
            raise MailBusyError(str(mail_id))
        self.db.refresh(mail)
        return mail

    def deliver(self, mail: MailMessage, mailer: Mailer, store: ObjectStore) -> None:
        """Hand the message to the SMTP server.

        :raises belgenet.core.mail.MailUnavailable: it was not accepted.
        """
        mailer.send(message_of(mail, self.tenant.name, self.sender, store))

    def finish(self, mail_id: UUID) -> None:
        """Note that it went out, and forget the secrets in it."""
        mail = self.db.get_one(MailMessage, mail_id)
        mail.state, mail.sent_at, mail.last_error = "sent", utcnow(), None
        if mail.template in WITH_SECRETS:
            mail.text = mail.html = WIPED

    def give_back(self, mail_id: UUID, error: Exception, *, last: bool) -> None:
        """Note why it did not go out; ``last``: nobody will try again by themselves."""
        values: dict[str, Any] = {"state": "failed" if last else "queued", "last_error": str(error)[:1000]}
        back = update(MailMessage).where(MailMessage.id == mail_id).values(**values, sending_since=None)
        execute_dml(self.db, back.execution_options(synchronize_session=False))
