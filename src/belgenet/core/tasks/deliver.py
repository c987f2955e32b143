"""Running one delivery in a worker."""

import time
import traceback
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import select

from belgenet.core.db.types import utcnow
from belgenet.core.observability.metrics import TASK_SECONDS, TASKS
from belgenet.core.outbox.models import Delivery, OutboxEvent
from belgenet.core.outbox.registry import Consumer, Event
from belgenet.core.tasks.attempts import LOST, count_failure, mark_start
from belgenet.core.tasks.surroundings import task_request

log = structlog.get_logger(__name__)


def deliver(registry: Any, delivery_id: UUID, tenant_id: UUID, *, redelivered: bool = False) -> str:
    """Take the delivery's row, run its consumer and mark it done, all in one transaction. A run before this one that was lost with
    its process counts as a failed attempt, and this one waits its turn.

    :param redelivered: the broker gave the message out before and never heard of it again.
    :returns: ``done``, ``skipped`` (finished before, or another worker has it), ``retry`` or ``dead``.
    """
    name, started = "unknown", time.perf_counter()
    try:
        if not (run_it := mark_start(registry, delivery_id, tenant_id, redelivered=redelivered)):
            return "skipped" if run_it is None else _lost(registry, delivery_id, tenant_id)
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
            row.state, row.finished_at, row.attempts, row.started_at = "done", utcnow(), event.attempt, None
        outcome = "done"
    except Exception:
        log.exception("delivery.failed", consumer=name, delivery=str(delivery_id))
        outcome = count_failure(registry, delivery_id, tenant_id, traceback.format_exc(limit=-6))
    TASKS.labels(name=name, outcome=outcome).inc()
    TASK_SECONDS.labels(name=name).observe(time.perf_counter() - started)
    return outcome


def _lost(registry: Any, delivery_id: UUID, tenant_id: UUID) -> str:
    outcome = count_failure(registry, delivery_id, tenant_id, LOST)
    log.error("delivery.lost", delivery=str(delivery_id), outcome=outcome)
    TASKS.labels(name="unknown", outcome=outcome).inc()
    return outcome


def _event(request: Any, row: Delivery) -> Event:
    source = request.db.get_one(OutboxEvent, row.event_id)
    attempt = row.attempts + 1
    last = attempt >= request.settings.tasks.max_attempts
    return Event(source.id, source.topic, source.payload, source.created_at, attempt, last)
