"""Notifications that match nothing of ours, and how long notifications are kept."""

import uuid
from datetime import datetime
from typing import Any, cast

from sqlalchemy import CursorResult, delete, select, text
from sqlalchemy.orm import Session

from belgenet.commerce.payments.models import FINISHED_NOTICE, WebhookInbox
from belgenet.commerce.payments.schemas import WebhookOut, WebhookQuery
from belgenet.core.db import utcnow
from belgenet.core.web.errors import ErrorCode, Problem
from belgenet.core.web.pagination import Page, keyset, page


def notices_page(session: Session, query: WebhookQuery) -> Page[WebhookOut]:
    """Notifications in one state, newest first."""
    wanted = select(WebhookInbox).where(WebhookInbox.state == query.state)
    return page(keyset(session, wanted, query, (WebhookInbox.id,)), notice_out)


def notice_out(row: WebhookInbox) -> WebhookOut:
    """One notification. Tokens of payment pages stay inside."""
    return WebhookOut(
        id=row.id,
        provider=row.provider,
        event_type=row.event_type,
        status_hint=row.status_hint,
        signed=row.signed,
        provider_ref=row.lookup.get("provider_ref"),
        attempt_id=row.lookup.get("attempt_id"),
        state=row.state,
        reason=row.reason,
        occurred_at=row.occurred_at,
        received_at=row.received_at,
        dismissed_at=row.dismissed_at,
    )


def dismiss(session: Session, notice_id: uuid.UUID, reason: str, by: uuid.UUID) -> WebhookInbox | None:
    """Say that nothing is to be done about an unmatched notification; None when somebody had said so before.

    :raises Problem: it matched something.
    """
    row = session.get_one(WebhookInbox, notice_id, populate_existing=True, with_for_update=True)
    if row.state == "dismissed":
        return None
    if row.state != "unmatched":
        raise Problem(ErrorCode.CONFLICT, 409)
    row.state, row.reason, row.dismissed_by, row.dismissed_at = "dismissed", reason, by, utcnow()
    session.flush()
    return row


def purge(session: Session, before: datetime) -> int:
    """Drop notifications received before then that were dealt with; how many. What matched nothing waits to be dismissed."""
    old = delete(WebhookInbox).where(text(FINISHED_NOTICE), WebhookInbox.received_at < before)
    done = session.execute(old.execution_options(synchronize_session=False))
    return cast("CursorResult[Any]", done).rowcount
