from typing import Literal

from belgenet.core.web.pagination import PageQuery
from belgenet.core.web.schema import Id, Out, Timestamp

State = Literal["queued", "sending", "sent", "failed"]


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
