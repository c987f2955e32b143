"""Running one delivery in a worker."""

import time
import traceback
from datetime import UTC
from typing import Any, Final
from uuid import UUID

import structlog
from sqlalchemy import Table, update

from belgenet.core.db.session import Rider
from belgenet.core.db.types import utcnow
from belgenet.core.observability.metrics import TASK_SECONDS, TASKS
from belgenet.core.outbox.hold import Hold
from belgenet.core.outbox.models import Delivery
from belgenet.core.outbox.registry import Consumer, Event
from belgenet.core.tasks.attempts import LOST, count_failure, mark_start
from belgenet.core.tasks.surroundings import task_request

log = structlog.get_logger(__name__)
_DELIVERIES: Table = Delivery.__table__  # type: ignore[assignment]
# Rides with the beginning of the transaction: a consumer that does little costs two round trips.
_TAKE: Final = """
    SELECT delivery.consumer, delivery.attempts, event.id, event.topic, event.payload, event.created_at
    FROM outbox_deliveries AS delivery JOIN outbox AS event ON event.id = delivery.event_id
    WHERE delivery.id = %(id)s AND delivery.state = 'pending'
    FOR UPDATE OF delivery SKIP LOCKED
"""


def deliver(registry: Any, delivery_id: UUID, tenant_id: UUID, *, redelivered: bool = False) -> str:
    """Take the delivery's row, run its consumer and mark it done, all in one transaction. A run before this one that was lost with
    its process counts as a failed attempt, and this one waits its turn.

    :param redelivered: the broker gave the message out before and never heard of it again.
    :returns: ``done``, ``skipped`` (finished before, another worker has it, or it is held), ``retry`` or ``dead``.
    """
    name, started = "unknown", time.perf_counter()
    try:
        if not (run_it := mark_start(registry, delivery_id, tenant_id, redelivered=redelivered)):
            return "skipped" if run_it is None else _lost(registry, delivery_id, tenant_id)
        with task_request(registry, tenant_id) as request:
            taken = Rider(request.db, _TAKE, {"id": delivery_id}).row()
            if taken is None:
                return "skipped"
            name, event = taken[0], _event(request, taken)
            item: Consumer = registry["belgenet.consumers"][name]
            if item.queue in Hold(request.settings.tasks.hold_file).queues():
                _put_back(request, delivery_id)
                return "skipped"
            with structlog.contextvars.bound_contextvars(consumer=name, delivery=str(delivery_id)):
                item.function(request, event)
            ended = {"state": "done", "finished_at": utcnow(), "attempts": event.attempt, "started_at": None}
            request.db.execute(update(_DELIVERIES).where(_DELIVERIES.c.id == delivery_id).values(ended))
        outcome = "done"
    except Exception:
        log.exception("delivery.failed", consumer=name, delivery=str(delivery_id))
        outcome = count_failure(registry, delivery_id, tenant_id, traceback.format_exc(limit=-6))
    TASKS.labels(name=name, outcome=outcome).inc()
    TASK_SECONDS.labels(name=name).observe(time.perf_counter() - started)
    return outcome


def _put_back(request: Any, delivery_id: UUID) -> None:
    """It was handed over before the hold: as if nobody had begun."""
    waits = {"available_at": utcnow(), "started_at": None}
    request.db.execute(update(_DELIVERIES).where(_DELIVERIES.c.id == delivery_id).values(waits))


def _lost(registry: Any, delivery_id: UUID, tenant_id: UUID) -> str:
    outcome = count_failure(registry, delivery_id, tenant_id, LOST)
    log.error("delivery.lost", delivery=str(delivery_id), outcome=outcome)
    TASKS.labels(name="unknown", outcome=outcome).inc()
    return outcome


def _event(request: Any, taken: tuple[Any, ...]) -> Event:
    _consumer, attempts, event_id, topic, payload, created_at = taken
    attempt = attempts + 1
    last = attempt >= request.settings.tasks.max_attempts
    return Event(event_id, topic, payload, created_at.astimezone(UTC), attempt, last)
