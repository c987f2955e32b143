"""Periodic work is started on time, whatever is restarted or wiped in between. Real PostgreSQL, real Redis."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import redis
from celery.exceptions import OperationalError

from belgenet.core.tasks.app import make_celery
from belgenet.core.tasks.beat import Schedule

NIGHTLY, OFTEN = "notifications.purge", "audit.seal"


@pytest.fixture
def broker(system: Any) -> Iterator[redis.Redis]:
    with redis.Redis.from_url(system.settings.tasks.broker_url.get_secret_value()) as client:
        yield client


@pytest.fixture
def new_beat(system: Any) -> Iterator[Callable[..., Schedule]]:
    """``new_beat()`` is a beat that was just started."""
    with make_celery(system.registry) as app:
        yield lambda *options: Schedule(app, system.registry["belgenet.engine"], *options)


def work(beat: Schedule) -> None:
    """Until nothing is due."""
    while not beat.tick():
        pass


def age(system: Any, **time: float) -> None:
    system.sql("UPDATE periodic_runs SET started_at = started_at - :age", age=timedelta(**time))


def sent(system: Any, broker: redis.Redis, queue: str = "maintenance") -> list[str]:
    """Names of the work that waits at the broker."""
    messages: Any = broker.lrange(f"{system.settings.tasks.namespace}:{queue}", 0, -1)
    return [json.loads(message)["headers"]["argsrepr"].split("'")[1] for message in messages]


def test_nothing_is_due_on_the_first_day_but_the_clock_runs(system: Any, broker: Any, new_beat: Any) -> None:
    work(new_beat())
    assert sent(system, broker) == []
    assert len(system.sql("SELECT name FROM periodic_runs")) == len(system.registry["belgenet.periodic"])


def test_a_beat_restarted_every_few_hours_still_does_nightly_work_once_a_day(
    system: Any, broker: redis.Redis, new_beat: Any
) -> None:
    runs = 0
    for _ in range(12):
        work(new_beat())
        runs += sent(system, broker).count(NIGHTLY)
        broker.flushdb()
        age(system, hours=6)
    assert runs == 2, "72 hours, the first 24 of them waiting"


def test_a_wiped_redis_changes_nothing(system: Any, broker: redis.Redis, new_beat: Any) -> None:
    new_beat()
    age(system, minutes=2)
    work(new_beat())
    assert OFTEN in sent(system, broker)
    broker.flushdb()
    work(new_beat())
    assert sent(system, broker) == []


def test_after_a_long_silence_each_is_sent_once(system: Any, broker: redis.Redis, new_beat: Any) -> None:
    new_beat()
    age(system, days=30)
    work(new_beat())
    names = sent(system, broker)
    assert NIGHTLY in names
    assert len(names) == len(set(names))


def test_a_clock_that_was_set_back_stops_nothing(system: Any, broker: redis.Redis, new_beat: Any) -> None:
    new_beat()
    age(system, days=-3)
    beat = new_beat()
    assert beat.schedule[NIGHTLY].is_due().next <= 86_400


def test_what_could_not_be_sent_stays_due(
    system: Any, broker: redis.Redis, new_beat: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: Any, **__: Any) -> None:
        raise OperationalError("no broker")

    new_beat()
    age(system, days=2)
    beat = new_beat()
    with monkeypatch.context() as patch:
        patch.setattr(beat, "apply_async", away)
        work(beat)
    assert sent(system, broker) == []
    assert 0 < beat.schedule[NIGHTLY].is_due().next <= 5
    work(new_beat())
    assert NIGHTLY in sent(system, broker)


def test_a_full_queue_gets_nothing_and_the_others_their_own(system: Any, broker: redis.Redis, new_beat: Any) -> None:
    new_beat()
    age(system, days=2)
    beat = new_beat(lambda: {"maintenance"})
    work(beat)
    assert sent(system, broker) == []
    assert "payments.sweep" in sent(system, broker, "payments")
    assert 5 < beat.schedule[NIGHTLY].is_due().next <= 60
