"""Background work of payments: look into webhooks, close pages nobody needs, sweep, expire, and tell people."""

import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import structlog
from celery.exceptions import SoftTimeLimitExceeded

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
RECONCILE_LIMIT_SECONDS: Final = 270
"""Reports of several days take longer than other work; less than the broker's patience, or a second worker would begin anew."""
RECONCILE_BUDGET_SECONDS: Final = 210.0
"""No tenant is begun with after this, so that the last one is finished within the limit."""


@consumer(events.WEBHOOK_RECEIVED, name="payments.sync", queue="payments")
def sync_webhook(request: Any, event: Event) -> None:
    """Ask the provider about what a webhook named."""
    inbox.look_into(desk_of(request), UUID(event.payload["inbox_id"]), last=event.last_attempt)


@consumer(
    events.ORDER_PAID,
    name="payments.close_other_pages",
    queue="payments",
    when=lambda paid: bool(paid["open_attempts"]),
)
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
    none of them knows is told to each that takes payments there. A fault with one provider or tenant keeps no other from it, and
    what is left when the time is up waits for the next night.
    """
    now, until = utcnow(), time.monotonic() + RECONCILE_BUDGET_SECONDS
    tenants = request.service(TenantDirectory).all_ids()
    for name in request.registry["belgenet.payment_providers"].names:
        try:
            if not _reconcile(request, name, tenants, now, until):
                log.warning("reconcile.incomplete", provider=name)
        except SoftTimeLimitExceeded:
            raise
        except Exception:
            log.exception("reconcile.failed", provider=name)


def _reconcile(request: Any, provider: str, tenants: Sequence[UUID], now: datetime, until: float) -> bool:
    """With one provider; False when not all tenants' books were compared. What is strange cannot be told then: it may be theirs."""
    since = now - timedelta(days=request.settings.payments.reconcile_days)
    found = reconcile.fetch(desk_of(request), provider, since, now)
    if found is None:
        return False
    known: set[str] = set()
    done = 0
    for tenant_id in tenants:
        if time.monotonic() > until:
            break
        try:
            with task_request(request.registry, tenant_id) as own:
                known |= reconcile.compare(desk_of(own), provider, found, since, now)
            done += 1
        except SoftTimeLimitExceeded:
            raise
        except Exception:
            log.exception("reconcile.failed", tenant=str(tenant_id), provider=provider)
    if done < len(tenants):
        return False
    for tenant_id in tenants:
        with task_request(request.registry, tenant_id) as own:
            reconcile.tell(desk_of(own), provider, found, known, now)
    return True
