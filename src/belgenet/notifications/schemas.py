from typing import Annotated, Literal

from pydantic import AfterValidator

from belgenet.core.sms import masked
from belgenet.core.web.pagination import PageQuery
from belgenet.core.web.schema import Id, Out, Timestamp

State = Literal["queued", "sending", "sent", "failed"]
SmsState = Literal["queued", "sending", "sent", "failed", "unknown"]
MaskedNumber = Annotated[str, AfterValidator(masked)]


class MailsQuery(PageQuery):
    """Filters of the mail log."""

    state: State | None = None
    recipient: str | None = None


class MailOut(Out):
    """An outgoing mail, without its text."""

    id: Id
    template: str
    locale: str
    recipient: str
    subject: str
    state: State
    created_at: Timestamp
    sent_at: Timestamp | None
    last_error: str | None


class SmsQuery(PageQuery):
    """Filters of the SMS log."""

    state: SmsState | None = None


class SmsOut(Out):
    """An outgoing SMS, without its text, most of its number hidden. ``unknown``: it may have gone out, and is not repeated.

    ``provider_id`` and ``sending_since``, when the last try left, are what the provider finds it by; ``repeatable``: it can be
    sent again.
    """

    id: Id
    template: str
    locale: str
    recipient: MaskedNumber
    segments: int
    state: SmsState
    provider_id: str | None
    created_at: Timestamp
    sending_since: Timestamp | None
    sent_at: Timestamp | None
    last_error: str | None
    repeatable: bool
