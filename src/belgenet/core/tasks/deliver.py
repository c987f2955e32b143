"""Running one delivery in a worker."""

import random
import time
import traceback
from datetime import timedelta
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import select

from belgenet.core.db.types import utcnow
from belgenet.core.observability.metrics import TASK_SECONDS, TASKS
from belgenet.core.outbox.models import Delivery, OutboxEvent
from belgenet.core.outbox.registry import Consumer, Event
from belgenet.core.tasks.surroundings import task_request

log = structlog.get_logger(__name__)
FIRST_RETRY_SECONDS = 2
LONGEST_RETRY_SECONDS = 900


def deliver(registry: Any, delivery_id: UUID, tenant_id: UUID) -> str:
    """Take the delivery's row, run its consumer and mark it done, all in one transaction.

    :returns: ``done``, ``skipped`` (finished before, or another worker has it), ``retry`` or ``dead``.
    """
    name, started = "unknown", time.perf_counter()
    try:
        with task_request(registry, tenant_id) as request:
            row = request.db.scalar(
                select(Delivery)
                .where(Delivery.id == delivery_id, Delivery.state == "pending")
                .with_for_update(skip_locked=True)
            )
            if row is None:
                return "skipped"
            name = row.consumer
            item: Consumer = registry["belgenet.consumers"][row.consumer]
            event = _event(request, row)
            with structlog.contextvars.bound_contextvars(consumer=name, delivery=str(delivery_id)):
                item.function(request, event)
            row = request.db.get_one(Delivery, delivery_id)
            row.state, row.finished_at, row.attempts = "done", utcnow(), event.attempt
        outcome = "done"
    except Exception:
        log.exception("delivery.failed", consumer=name, delivery=str(delivery_id))
        outcome = _failed(registry, delivery_id, tenant_id, traceback.format_exc(limit=-6))
    TASKS.labels(name=name, outcome=outcome).inc()
    TASK_SECONDS.labels(name=name).observe(time.perf_counter() - started)
    return outcome


def _event(request: Any, row: Delivery) -> Event:
    source = request.db.get_one(OutboxEvent, row.event_id)
    attempt = row.attempts + 1
    last = attempt >= request.settings.tasks.max_attempts
    return Event(source.id, source.topic, source.payload, source.created_at, attempt, last)


def _failed(registry: Any, delivery_id: UUID, tenant_id: UUID, error: str) -> str:
    """Count the attempt in a transaction of its own: backoff with jitter, or a dead letter."""
    with task_request(registry, tenant_id) as request:
        row = request.db.scalar(
            select(Delivery).where(Delivery.id == delivery_id, Delivery.state == "pending").with_for_update()
        )
        if row is None:
            return "skipped"
        row.attempts += 1
        row.last_error = error[-4000:]
        if row.attempts >= request.settings.tasks.max_attempts:
            row.state, row.finished_at = "dead", utcnow()
            return "dead"
        wait = min(FIRST_RETRY_SECONDS * 2 ** (row.attempts - 1), LONGEST_RETRY_SECONDS)
        row.available_at = utcnow() + timedelta(seconds=wait * random.uniform(0.8, 1.2))  # noqa: S311 - jitter
        return "retry"
