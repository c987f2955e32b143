from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, defer

from belgenet.core.web.pagination import keyset
from belgenet.notifications.models import MailMessage, SmsMessage
from belgenet.notifications.schemas import MailsQuery, SmsQuery


def find_mails(session: Session, query: MailsQuery) -> tuple[Sequence[MailMessage], str | None]:
    """One page of the tenant's mails, newest first, without their texts."""
    found = select(MailMessage).options(defer(MailMessage.text), defer(MailMessage.html))
    if query.state:
        found = found.where(MailMessage.state == query.state)
    if query.recipient:
        found = found.where(MailMessage.recipient == query.recipient.strip().lower())
    return keyset(session, found, query, (MailMessage.created_at, MailMessage.id))


def find_sms(session: Session, query: SmsQuery) -> tuple[Sequence[SmsMessage], str | None]:
    """One page of the tenant's SMS, newest first, without their texts."""
    found = select(SmsMessage).options(defer(SmsMessage.text))
    if query.state:
        found = found.where(SmsMessage.state == query.state)
    return keyset(session, found, query, (SmsMessage.created_at, SmsMessage.id))
