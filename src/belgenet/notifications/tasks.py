from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, case, func, update

from belgenet.core.db import utcnow
from belgenet.core.mail import Mailer
from belgenet.core.outbox import Event, consumer
from belgenet.core.sms import SmsOutcomeUnknown, SmsRefused, SmsSender, SmsUnavailable
from belgenet.core.sms.numbers import SHOWN_BACK, SHOWN_FRONT
from belgenet.core.storage import ObjectStore
from belgenet.core.tasks.attempts import KILLED_AFTER_SECONDS
from belgenet.notifications.events import MAIL_QUEUED, SMS_QUEUED
from belgenet.notifications.models import MailMessage, SmsMessage
from belgenet.notifications.services.outbound import mail_id_of
from belgenet.notifications.services.sending import WIPED, Sending
from belgenet.notifications.services.sms_sending import SmsSending

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


@consumer(SMS_QUEUED, name="notifications.send_sms", queue="mail")
def send_sms(request: Any, event: Event) -> None:
    """Send one SMS, in the steps of ``send_mail``; whoever enters again half-way leaves it alone, for it may have gone out."""
    sms_id = UUID(event.payload["sms_id"])
    sending = _sms_sending(request)
    claimed = sending.claim(sms_id)
    if claimed is None:
        return
    request.commit_and_continue()
    try:
        provider_id = request.service(SmsSender).send(*claimed)
    except SmsUnavailable as error:
        sending.give_back(sms_id, error, last=event.last_attempt)
        request.commit_and_continue()
        raise
    except (SmsRefused, SmsOutcomeUnknown) as error:
        sending.give_up(sms_id, error)
        return
    except Exception:
        sending.give_up(sms_id, SmsOutcomeUnknown("interrupted"))
        request.commit_and_continue()
        raise
    sending.finish(sms_id, provider_id)


def settle(request: Any) -> None:
    """End the SMS whose worker died in the middle."""
    _sms_sending(request).settle_lost()


def _sms_sending(request: Any) -> SmsSending:
    longest = request.settings.tasks.soft_time_limit_seconds + KILLED_AFTER_SECONDS
    return SmsSending(request.db, timedelta(seconds=longest))


def purge(request: Any) -> None:
    """Forget the texts of old messages and the numbers of old SMS; that they were sent stays known, and their keys keep them from
    being sent again. An index of what is not forgotten yet leads to them, so a night costs what one day brought.
    """
    now = utcnow()
    until = now - TEXTS_KEPT
    old = update(MailMessage).where(MailMessage.created_at < until, MailMessage.forgotten_at.is_(None))
    wiped = old.values(text=WIPED, html=WIPED, recipient_name="", forgotten_at=now)
    request.db.execute(wiped.execution_options(synchronize_session=False))
    short = update(SmsMessage).where(SmsMessage.created_at < until, SmsMessage.forgotten_at.is_(None))
    hidden = short.values(text=WIPED, recipient=_masked(), forgotten_at=now)
    request.db.execute(hidden.execution_options(synchronize_session=False))


def _masked() -> ColumnElement[str]:
    """``core.sms.masked`` in the database: the rows need not come here."""
    number = SmsMessage.recipient
    hidden = func.length(number) - SHOWN_FRONT - SHOWN_BACK
    most = func.concat(func.left(number, SHOWN_FRONT), func.repeat("*", hidden), func.right(number, SHOWN_BACK))
    return case((hidden < SHOWN_FRONT, func.repeat("*", func.length(number))), else_=most)
