"""Background work of payments: look into webhooks, close pages nobody needs, sweep, expire, and tell people."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from belgenet.commerce import events
from belgenet.commerce.desk import desk_of
from belgenet.commerce.payments.services import books, endings, inbox, janitor, notices
from belgenet.core.db import utcnow
from belgenet.core.outbox import Event, consumer

SWEEP_SECONDS = 30
PURGE_SECONDS = 6 * 3600


@consumer(events.WEBHOOK_RECEIVED, name="payments.sync", queue="payments")
def sync_webhook(request: Any, event: Event) -> None:
    """Ask the provider about what a webhook named."""
    inbox.look_into(desk_of(request), UUID(event.payload["inbox_id"]), last=event.last_attempt)


@consumer(events.ORDER_PAID, name="payments.close_other_pages", queue="payments")
def close_other_pages(request: Any, event: Event) -> None:
    """An order that is paid has no use for other open pages: on each of them it could be paid a second time."""
    desk, order_id = desk_of(request), UUID(event.payload["order_id"])
    for attempt_id in [attempt.id for attempt in books.open_attempts(desk.session, order_id)]:
        endings.close(desk, attempt_id, "janitor")


def sweep(request: Any) -> None:
    """Ask about everything open, then expire what has run out."""
    desk = desk_of(request)
    janitor.sweep(desk)
    endings.expire_orders(desk)


def purge(request: Any) -> None:
    """Drop notifications that were dealt with and have been kept long enough."""
    kept = timedelta(days=request.settings.payments.webhook_retention_days)
    notices.purge(request.db, utcnow() - kept)
