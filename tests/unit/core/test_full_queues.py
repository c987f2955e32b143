"""Days without workers: the broker holds a bounded number of messages, the database everything."""

from collections.abc import Iterator
from typing import Any

import pytest
import redis

from belgenet.core.db.session import make_engine
from belgenet.core.outbox import Consumer, publish
from belgenet.core.outbox.relay import BATCH, Relay
from belgenet.core.tasks.app import make_celery, send_delivery
from belgenet.core.tasks.queues import Queues

LIMIT = 20


@pytest.fixture
def done(system: Any) -> Iterator[list[tuple[str, int]]]:
    """What two consumers, one on a busy and one on a quiet queue, were told."""
    seen: list[tuple[str, int]] = []
    consumers = system.registry["belgenet.consumers"]
    for name, topic, queue in (("test.mail", "test.many", "mail"), ("test.pay", "test.one", "payments")):
        consumers[name] = Consumer(
            name, topic, queue, lambda _request, event, name=name: seen.append((name, event.payload["n"]))
        )
    yield seen
    for name in ("test.mail", "test.pay"):
        del consumers[name]


@pytest.fixture
def broker(system: Any) -> Iterator[redis.Redis]:
    with redis.Redis.from_url(system.settings.tasks.broker_url.get_secret_value()) as client:
        yield client


@pytest.fixture
def relay(system: Any, done: Any) -> Iterator[Relay]:
    """A relay over the real broker, whose leases are over as soon as they are given."""
    engine = make_engine(system.settings.database.relay_url.get_secret_value(), system.settings, application="relay")
    queues = Queues(system.settings)
    with make_celery(system.registry) as celery:
        yield Relay(
            engine,
            system.registry["belgenet.consumers"],
            lambda row: send_delivery(celery, row, 90),
            0,
            lambda: queues.full(LIMIT),
        )
    queues.close()
    engine.dispose()


def publish_many(system: Any, tenant: Any, count: int) -> None:
    with system.session(tenant) as session:
        for number in range(count):
            publish(session, "test.many", {"n": number}, f"m{number}")


def waiting(system: Any, broker: redis.Redis, queue: str) -> int:
    return int(broker.llen(f"{system.settings.tasks.namespace}:{queue}"))  # type: ignore[arg-type]


def test_nobody_works_and_the_broker_does_not_grow(
    system: Any, tenant: Any, relay: Relay, broker: redis.Redis, done: Any
) -> None:
    publish_many(system, tenant, 2 * LIMIT)
    for _ in range(30):
        relay.step()
    assert LIMIT <= waiting(system, broker, "mail") < LIMIT + BATCH
    assert relay.step() == 0, "the relay would spin"
    memory = waiting(system, broker, "mail")
    relay.step()
    assert waiting(system, broker, "mail") == memory


def test_a_full_queue_does_not_hold_up_the_others(
    system: Any, tenant: Any, relay: Relay, broker: redis.Redis, done: Any
) -> None:
    publish_many(system, tenant, 2 * LIMIT)
    for _ in range(5):
        relay.step()
    with system.session(tenant) as session:
        publish(session, "test.one", {"n": 1}, "p")
    relay.step()
    assert waiting(system, broker, "payments") >= 1, "sent again, perhaps: the lease is over at once"


def test_what_was_held_back_is_done_when_workers_are_back(
    system: Any, tenant: Any, relay: Relay, broker: redis.Redis, done: list[tuple[str, int]]
) -> None:
    publish_many(system, tenant, 2 * LIMIT)
    for _ in range(5):
        relay.step()
    broker.delete(f"{system.settings.tasks.namespace}:mail")
    assert relay.step() == 2 * LIMIT
    system.drain()
    assert sorted(number for _, number in done) == list(range(2 * LIMIT))


def test_queues_are_asked_in_one_round_trip_and_only_full_ones_named(system: Any, broker: redis.Redis) -> None:
    queues, prefix = Queues(system.settings), system.settings.tasks.namespace
    broker.rpush(f"{prefix}:mail", *range(3))
    broker.rpush(f"{prefix}:documents", *range(2))
    assert queues.full(3) == {"mail"}
    assert queues.full(2) == {"mail", "documents"}
    queues.close()


def test_a_broker_that_is_down_leaves_the_leases_alone(system: Any, tenant: Any, done: Any) -> None:
    def down() -> frozenset[str]:
        raise redis.ConnectionError("down")

    publish_many(system, tenant, 1)
    engine = make_engine(system.settings.database.relay_url.get_secret_value(), system.settings, application="relay")
    with pytest.raises(redis.ConnectionError):
        Relay(engine, system.registry["belgenet.consumers"], lambda _row: None, 600, down).step()
    engine.dispose()
    system.drain()
    assert done == [("test.mail", 0)]
