"""Background work of payments: look into webhooks, close pages nobody needs, sweep, expire, and tell people."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy.exc import SQLAlchemyError

from belgenet.commerce import events
from belgenet.commerce.desk import desk_of
from belgenet.commerce.payments.services import books, endings, inbox, janitor, notices, reconcile
from belgenet.core.db import utcnow
from belgenet.core.outbox import Event, consumer
from belgenet.core.tasks import task_request
from belgenet.core.traversal import TenantDirectory

log = structlog.get_logger(__name__)
SWEEP_SECONDS = 30
PURGE_SECONDS = 6 * 3600
RECONCILE_SECONDS = 24 * 3600


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


def reconcile_books(request: Any) -> None:
    """Hold the providers' books against ours. The account at a provider is the institution's and its tenants share it, so what
    none of them knows is told to each that takes payments there.
    """
    now = utcnow()
    since = now - timedelta(days=request.settings.payments.reconcile_days)
    tenants = request.service(TenantDirectory).all_ids()
    for name in request.registry["belgenet.payment_providers"].names:
        found = reconcile.fetch(desk_of(request), name, since, now)
        if found is None:
            continue
        known: set[str] = set()
        failed = False
        for tenant_id in tenants:
            try:
                with task_request(request.registry, tenant_id) as own:
                    known |= reconcile.compare(desk_of(own), name, found, since, now)
            except (SQLAlchemyError, LookupError):
                # One tenant's row that cannot be settled must not keep the others from it.
                log.exception("reconcile.failed", tenant=str(tenant_id), provider=name)
                failed = True
        if failed:
            continue  # what is strange cannot be told while somebody's payments are unknown
        for tenant_id in tenants:
            with task_request(request.registry, tenant_id) as own:
                reconcile.tell(desk_of(own), name, found, known, now)
