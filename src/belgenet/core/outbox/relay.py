"""The relay process: event -> deliveries -> Celery. Any number may run; each row is taken by one of them."""

import threading
from collections.abc import Callable, Collection, Mapping
from datetime import timedelta
from typing import Any, Final

import psycopg
import structlog
from sqlalchemy import Engine, insert, select, update
from sqlalchemy.orm import Session

from belgenet.core.db.types import utcnow
from belgenet.core.observability.metrics import RELAYED
from belgenet.core.outbox.models import Delivery, OutboxEvent
from belgenet.core.outbox.publish import CHANNEL
from belgenet.core.outbox.registry import Consumer

log = structlog.get_logger(__name__)
BATCH: Final = 200
IDLE_SECONDS: Final = 2.0
GATHER_SECONDS: Final = 0.05
"""Pause after a wake-up: under load, several commits are moved at once, at a third of the cost of one after the other."""
Send = Callable[[Delivery], None]
FullQueues = Callable[[], Collection[str]]
"""Names of the broker's queues that should not get more for now."""


class Relay:
    """Moves what is due. Its database role sees only the outbox, of all tenants.

    :param full: asked before each handing over. What is due for a full queue waits in the database: while no worker takes
        anything off, each lease would else put the same deliveries into the broker once more.
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
        return self._fan_out() + self._hand_over()

    def _fan_out(self) -> int:
        """One delivery per consumer of the topic. Crash-safe: both sides of it are one transaction."""
        waiting = select(OutboxEvent).where(OutboxEvent.dispatched_at.is_(None)).order_by(OutboxEvent.id).limit(BATCH)
        with Session(self._engine) as session, session.begin():
            events = session.scalars(waiting.with_for_update(skip_locked=True)).all()
            rows = [
                {"tenant_id": event.tenant_id, "event_id": event.id, "consumer": item.name, "queue": item.queue}
                for event in events
                for item in self._by_topic.get(event.topic, [])
            ]
            if rows:
                session.execute(insert(Delivery), rows)
            for event in events:
                event.dispatched_at = utcnow()
        return len(events)

    def _hand_over(self) -> int:
        """Lease due deliveries, then send them. Sent but lost: the lease runs out and they are sent again."""
        due = select(Delivery).where(Delivery.state == "pending", Delivery.available_at <= utcnow())
        if held_back := self._held_back():
            due = due.where(Delivery.queue.not_in(held_back))
        with Session(self._engine, expire_on_commit=False) as session, session.begin():
            taken = session.scalars(
                due.order_by(Delivery.available_at).limit(BATCH).with_for_update(skip_locked=True)
            ).all()
            if not taken:
                return 0
            ids = [item.id for item in taken]
            session.execute(
                update(Delivery)
                .where(Delivery.id.in_(ids))
                .values(available_at=utcnow() + self._lease)
                .execution_options(synchronize_session=False)
            )
        for item in taken:
            try:
                self._send(item)
            except Exception as error:
                log.warning("relay.broker_unavailable", error=str(error), waiting=len(taken))
                self._give_back(ids)
                raise
            RELAYED.labels(queue=item.queue).inc()
        return len(taken)

    def _held_back(self) -> frozenset[str]:
        found = frozenset(self._full())
        if found != self._known_full:
            log.warning("relay.full_queues", queues=sorted(found))
            self._known_full = found
        return found

    def _give_back(self, ids: list[Any]) -> None:
        with Session(self._engine) as session, session.begin():
            still = update(Delivery).where(Delivery.id.in_(ids), Delivery.state == "pending")
            session.execute(still.values(available_at=utcnow()).execution_options(synchronize_session=False))

    def run(self, dsn: str, stop: threading.Event) -> None:
        """Work until ``stop``: woken by NOTIFY, and every ``IDLE_SECONDS`` in case one was missed. Survives a lost database or
        broker by trying again.
        """
        while not stop.is_set():
            try:
                with psycopg.connect(dsn, autocommit=True, application_name="belgenet-relay-listen") as listener:
                    listener.execute(f"LISTEN {CHANNEL}")
                    self._loop(listener, stop)
            except Exception as error:  # noqa: BLE001 - psycopg, SQLAlchemy, kombu and redis each have their own
                log.warning("relay.retry", error=str(error))
                stop.wait(1.0)

    def _loop(self, listener: psycopg.Connection[Any], stop: threading.Event) -> None:
        while not stop.is_set():
            while self.step() and not stop.is_set():
                pass
            for _ in listener.notifies(timeout=IDLE_SECONDS, stop_after=1):
                stop.wait(GATHER_SECONDS)
