from datetime import timedelta
from typing import Any

from sqlalchemy import update

from belgenet.core.db import execute_dml, utcnow
from belgenet.core.mail import Mailer
from belgenet.core.outbox import Event, consumer
from belgenet.core.storage import ObjectStore
from belgenet.notifications.events import MAIL_QUEUED
from belgenet.notifications.models import MailMessage
from belgenet.notifications.services.outbound import mail_id_of
from belgenet.notifications.services.sending import WIPED, Sending

TEXTS_KEPT = timedelta(days=90)


@consumer(MAIL_QUEUED, name="notifications.send_mail", queue="mail")
def send_mail(request: Any, event: Event) -> None:
    """Send one mail. It commits twice on the way, so that no transaction is open while the SMTP server thinks; whoever enters
    again half-way finds the state and sends with the same Message-ID.
    """
    mail_id = mail_id_of(event.payload)
    sending = Sending(request.db, request.tenant, request.settings.mail.sender)
    mail = sending.claim(mail_id)
    if mail is None:
        return
    request.db.expunge(mail)
    request.commit_and_continue()
    try:
        sending.deliver(mail, request.service(Mailer), request.service(ObjectStore))
    except Exception as error:
        sending.give_back(mail_id, error, last=event.last_attempt)
        request.commit_and_continue()
        raise
    sending.finish(mail)


def purge(request: Any) -> None:
    """Forget the texts of old mails; that they were sent stays known, and their keys keep them from being sent again."""
    old = update(MailMessage).where(MailMessage.created_at < utcnow() - TEXTS_KEPT, MailMessage.text != WIPED)
    wiped = old.values(text=WIPED, html=WIPED, recipient_name="").execution_options(synchronize_session=False)
    execute_dml(request.db, wiped)
