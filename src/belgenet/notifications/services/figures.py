"""What the panel's first page tells about messages."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from belgenet.admin.interfaces import Attention
from belgenet.core.db import utcnow
from belgenet.notifications.models import SmsMessage

RECENT: Final = timedelta(days=7)
_NOT_SENT: Final = ("failed", "unknown")


def attention(session: Session) -> Sequence[Attention]:
    """SMS that turned out in the last days not to go out, and those nobody knows about; one query. When they were first queued
    does not matter: one that is sent again after weeks and fails again is news.
    """
    counted = (
        select(SmsMessage.state, func.count())
        .where(SmsMessage.state.in_(_NOT_SENT), SmsMessage.forgotten_at.is_(None))
        .where(SmsMessage.updated_at >= utcnow() - RECENT)
        .group_by(SmsMessage.state)
    )
    found: dict[str, int] = dict(session.execute(counted).all())
    return [
        Attention(f"sms_{state}", found.get(state, 0), f"/admin/mails?channel=sms&state={state}") for state in _NOT_SENT
    ]
