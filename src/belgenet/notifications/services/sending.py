from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

import structlog
from sqlalchemy import update
from sqlalchemy.orm import Session

from belgenet.core.db import utcnow
from belgenet.core.mail import Mailer
from belgenet.core.observability.metrics import MAILS
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
        """Take the mail; None when it has been sent, or has lain so long that its text is forgotten.

        :raises MailBusyError: somebody else has it.
        """
        now = utcnow()
        mail = self.db.get(MailMessage, mail_id, with_for_update=True)
        if mail is None or mail.state == "sent":
            return None
        if mail.state == "sending":
            if mail.sending_since is not None and mail.sending_since >= now - CLAIM:
                raise MailBusyError(str(mail_id))
            log.warning("mail.may_repeat", mail=str(mail_id), message_id=mail.message_id)
        if mail.text == WIPED:
            mail.state, mail.last_error = "failed", "too_old"
            return None
        mail.state, mail.sending_since = "sending", now
        self.db.flush()
        return mail

    def deliver(self, mail: MailMessage, mailer: Mailer, store: ObjectStore) -> None:
        """Hand the message to the SMTP server.

        :raises belgenet.core.mail.MailUnavailable: it was not accepted.
        """
        mailer.send(message_of(mail, self.tenant.name, self.sender, store))

    def finish(self, mail: MailMessage) -> None:
        """Note that it went out, and forget the secrets in it."""
        values: dict[str, Any] = {"state": "sent", "sent_at": utcnow(), "last_error": None}
        if mail.template in WITH_SECRETS:
            values |= {"text": WIPED, "html": WIPED}
        sent = update(MailMessage).where(MailMessage.id == mail.id).values(**values)
        self.db.execute(sent.execution_options(synchronize_session=False))
        MAILS.labels(state="sent").inc()

    def give_back(self, mail_id: UUID, error: Exception, *, last: bool) -> None:
        """Note why it did not go out; ``last``: nobody will try again by themselves."""
        values: dict[str, Any] = {"state": "failed" if last else "queued", "last_error": str(error)[:1000]}
        back = update(MailMessage).where(MailMessage.id == mail_id).values(**values, sending_since=None)
        self.db.execute(back.execution_options(synchronize_session=False))
        MAILS.labels(state=values["state"]).inc()
