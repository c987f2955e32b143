"""Sending an SMS again that certainly did not go out."""

from sqlalchemy.orm import Session

from belgenet.core.db import uuid7
from belgenet.core.outbox import publish
from belgenet.core.web.errors import ErrorCode, Problem
from belgenet.notifications.events import SMS_QUEUED
from belgenet.notifications.models import SmsMessage


def retry(db: Session, row: SmsMessage) -> str | None:
    """Queue a failed SMS anew, with all its attempts. It may have ended as a dead letter, too; trying that again as well sends
    nothing twice, for who comes second finds it sent.

    :returns: why it had failed; None when it had not, or is under way again.
    :raises Problem: ``sms_not_repeatable``: it may have gone out, or there is no number or no text to send.
    """
    db.refresh(row, with_for_update=True)
    if row.state not in {"failed", "unknown"}:
        return None
    if not row.repeatable:
        raise Problem(ErrorCode.SMS_NOT_REPEATABLE, 409)
    reason = row.last_error or ""
    row.state, row.sending_since, row.last_error = "queued", None, None
    publish(db, SMS_QUEUED, {"sms_id": str(row.id)}, f"{row.id}:{uuid7()}")
    return reason
