"""The relay process: event -> deliveries -> Celery. Any number may run; each row is taken by one of them."""

import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

import psycopg
import structlog
from sqlalchemy import Engine, insert, select, update

from belgenet.core.db.ids import uuid7
from belgenet.core.db.types import utcnow
from belgenet.core.observability.metrics import RELAYED, seed
from belgenet.core.outbox.models import Delivery, OutboxEvent
from belgenet.core.outbox.publish import CHANNEL
from belgenet.core.outbox.registry import QUEUES, Consumer

log = structlog.get_logger(__name__)
BATCH: Final = 200
IDLE_SECONDS: Final = 2.0
GATHER_SECONDS: Final = 0.05
"""Pause after a wake-up: under load, several commits are moved at once, at a third of the cost of one after the other."""

seed(RELAYED, queue=QUEUES)


@dataclass(frozen=True, slots=True)
class Due:
    """A delivery whose time has come."""

    id: UUID
    tenant_id: UUID
    queue: str


Send = Callable[[Due], None]
FullQueues = Callable[[], Collection[str]]
"""Names of the broker's queues that should not get more for now."""


class Relay:
    """Moves what is due. Its database role sees only the outbox, of all tenants.

    :param full: asked before each step. What is due for a full queue waits in the database: while no worker takes anything
        off, each lease would else put the same deliveries into the broker once more.
    """

    def __init__(
        self,
        engine: Engine,
        consumers: Mapping[str, Consumer],
        send: Send,
        lease_seconds: int,
        full: FullQueues = frozenset,
    ) -> None:
        self._engine = engine
        self._by_topic: dict[str, list[Consumer]] = {}
        for item in consumers.values():
            self._by_topic.setdefault(item.topic, []).append(item)
        self._send = send
        self._lease = timedelta(seconds=lease_seconds)
        self._full = full
        self._known_full: frozenset[str] = frozenset()

    def step(self) -> int:
        """Fan out new events and hand over due deliveries; how many rows moved."""
        held_back = self._held_back()
        return self._fan_out(held_back) + self._hand_over(held_back)

    def _fan_out(self, held_back: Collection[str]) -> int:
        """One delivery per consumer of the topic, leased from the start and sent at once. Crash-safe: event and deliveries are one
        transaction, and the lease of what was not sent runs out.
        """
        columns = (OutboxEvent.id, OutboxEvent.tenant_id, OutboxEvent.topic, OutboxEvent.payload)
        waiting = select(*columns).where(OutboxEvent.dispatched_at.is_(None)).order_by(OutboxEvent.id).limit(BATCH)
        now = utcnow()
        with self._engine.begin() as connection:
            events = connection.execute(waiting.with_for_update(skip_locked=True)).all()
            if not events:
                return 0
            rows = [
                {
                    "id": uuid7(),
                    "tenant_id": event.tenant_id,
                    "event_id": event.id,
                    "consumer": item.name,
                    "queue": item.queue,
                    "available_at": now if item.queue in held_back else now + self._lease,
                }
                for event in events
                for item in self._by_topic.get(event.topic, [])
                if _concerns(item, event.payload)
            ]
            if rows:
                connection.execute(insert(Delivery), rows)
            ids = [event.id for event in events]
            connection.execute(update(OutboxEvent).where(OutboxEvent.id.in_(ids)).values(dispatched_at=now))
        self._ring([Due(row["id"], row["tenant_id"], row["queue"]) for row in rows if row["queue"] not in held_back])
        return len(events)

    def _hand_over(self, held_back: Collection[str]) -> int:
        """Lease due deliveries, then send them. Sent but lost: the lease runs out and they are sent again."""
        due = select(Delivery.id, Delivery.tenant_id, Delivery.queue).where(
            Delivery.state == "pending", Delivery.available_at <= utcnow()
        )
        if held_back:
            due = due.where(Delivery.queue.not_in(held_back))
        with self._engine.begin() as connection:
            found = connection.execute(
                due.order_by(Delivery.available_at).limit(BATCH).with_for_update(skip_locked=True)
            ).all()
            if not found:
                return 0
            taken = [Due(*row) for row in found]
            leased = update(Delivery).where(Delivery.id.in_([item.id for item in taken]))
            connection.execute(leased.values(available_at=utcnow() + self._lease))
        self._ring(taken)
        return len(taken)

    def _ring(self, taken: Sequence[Due]) -> None:
        for item in taken:
            try:
                self._send(item)
            except Exception as error:
                log.warning("relay.broker_unavailable", error=str(error), waiting=len(taken))
                self._give_back([item.id for item in taken])
                raise
            RELAYED.labels(queue=item.queue).inc()

    def _held_back(self) -> frozenset[str]:
        found = frozenset(self._full())
        if found != self._known_full:
            log.warning("relay.full_queues", queues=sorted(found))
            self._known_full = found
        return found

    def _give_back(self, ids: list[UUID]) -> None:
        """End the leases, except of what was sent and is being worked on: waiting for one of those would keep the rest leased."""
        still = select(Delivery.id).where(Delivery.id.in_(ids), Delivery.state == "pending")
        with self._engine.begin() as connection:
            idle = connection.execute(still.with_for_update(skip_locked=True)).scalars().all()
            connection.execute(update(Delivery).where(Delivery.id.in_(idle)).values(available_at=utcnow()))

    def run(self, dsn: str, stop: threading.Event, alive: Callable[[], None] = lambda: None) -> None:
        """Work until ``stop``: woken by NOTIFY, and every ``IDLE_SECONDS`` in case one was missed. Survives a lost database or
        broker by trying again.

        :param alive: called at every turn, also while the database is away.
        """
        while not stop.is_set():
            alive()
            try:
                with psycopg.connect(dsn, autocommit=True, application_name="belgenet-relay-listen") as listener:
                    listener.execute(f"LISTEN {CHANNEL}")
                    self._loop(listener, stop, alive)
            except Exception as error:  # noqa: BLE001 - psycopg, SQLAlchemy, kombu and redis each have their own
                log.warning("relay.retry", error=str(error))
                stop.wait(1.0)

    def _loop(self, listener: psycopg.Connection[Any], stop: threading.Event, alive: Callable[[], None]) -> None:
        while not stop.is_set():
            alive()
            while self.step() and not stop.is_set():
                alive()
            for _ in listener.notifies(timeout=IDLE_SECONDS, stop_after=1):
                stop.wait(GATHER_SECONDS)


def _concerns(item: Consumer, payload: Mapping[str, Any]) -> bool:
    """Whether the consumer has anything to do; when it cannot be told, it finds out itself."""
    if item.when is None:
        return True
    try:
        return item.when(payload)
    except Exception:
        log.exception("relay.condition_failed", consumer=item.name)
        return True
