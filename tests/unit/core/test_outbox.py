"""The outbox: exactly one effect through retries, duplicates, lost queues and dead letters."""

import threading
from typing import Any

import pytest
from sqlalchemy import text

from belgenet.core.outbox import Consumer, Event, publish
from belgenet.core.tasks.attempts import LOST, mark_start
from belgenet.core.tasks.deliver import deliver


@pytest.fixture
def effects(system: Any) -> Any:
    """A consumer of ``test.topic`` whose effect is a row (an audit event)."""
    seen: list[Event] = []
    failing = {"times": 0}

    def work(request: Any, event: Event) -> None:
        from belgenet.core import audit

        seen.append(event)
        audit.record(request, "test.effect", "event", event.id)
        if failing["times"] > 0:
            failing["times"] -= 1
            raise RuntimeError("not yet")

    consumers = system.registry["belgenet.consumers"]
    consumers["test.work"] = Consumer("test.work", "test.topic", "default", work)
    yield type(
        "Effects",
        (),
        {
            "seen": seen,
            "failing": failing,
            "rows": staticmethod(lambda: system.sql("SELECT count(*) FROM audit_events")[0][0]),
        },
    )
    del consumers["test.work"]


def states(system: Any) -> list[Any]:
    return system.sql("SELECT state, attempts FROM outbox_deliveries WHERE consumer = 'test.work'")


def due_now(system: Any) -> None:
    system.sql("UPDATE outbox_deliveries SET available_at = now() - interval '1 second'")


def test_event_takes_effect_once(system: Any, tenant: Any, effects: Any) -> None:
    with system.session(tenant) as session:
        assert publish(session, "test.topic", {"n": 1}, "a")
        assert not publish(session, "test.topic", {"n": 2}, "a")
    system.drain()
    system.drain()
    assert [event.payload for event in effects.seen] == [{"n": 1}]
    assert states(system) == [("done", 1)]


def test_rolled_back_event_never_happened(system: Any, tenant: Any, effects: Any) -> None:
    with system.session(tenant) as session:
        publish(session, "test.topic", {}, "a")
        session.rollback()
    assert system.drain() == 0
    assert effects.seen == []


def test_failure_rolls_the_effect_back_and_is_tried_again(system: Any, tenant: Any, effects: Any) -> None:
    effects.failing["times"] = 2
    with system.session(tenant) as session:
        publish(session, "test.topic", {}, "a")
    system.drain()
    assert effects.rows() == 0
    assert states(system) == [("pending", 1)]
    for _ in range(2):
        due_now(system)
        system.drain()
    assert effects.rows() == 1
    assert states(system) == [("done", 3)]
    assert [event.attempt for event in effects.seen] == [1, 2, 3]


def test_too_many_failures_make_a_dead_letter_with_its_error(system: Any, tenant: Any, effects: Any) -> None:
    effects.failing["times"] = 99
    with system.session(tenant) as session:
        publish(session, "test.topic", {}, "a")
    for _ in range(6):
        system.drain()
        due_now(system)
    assert states(system) == [("dead", 4)]
    assert [event.last_attempt for event in effects.seen] == [False, False, False, True]
    assert "not yet" in system.sql("SELECT last_error FROM outbox_deliveries")[0][0]


def test_lost_queue_is_refilled_when_the_lease_runs_out(system: Any, tenant: Any, effects: Any) -> None:
    """What the relay sent and Redis lost is sent again; nothing else knew it."""
    from belgenet.core.db.session import make_engine
    from belgenet.core.outbox.relay import Relay

    with system.session(tenant) as session:
        publish(session, "test.topic", {}, "a")
    engine = make_engine(system.settings.database.relay_url.get_secret_value(), system.settings, application="relay")
    lost: list[Any] = []
    Relay(engine, system.registry["belgenet.consumers"], lost.append, 60).step()
    engine.dispose()
    assert len(lost) == 1
    assert system.drain() == 0, "still leased"
    due_now(system)
    system.drain()
    assert len(effects.seen) == 1


def test_broker_down_gives_the_leases_back(system: Any, tenant: Any, effects: Any) -> None:
    from belgenet.core.db.session import make_engine
    from belgenet.core.outbox.relay import Relay

    def refuse(_row: Any) -> None:
        raise ConnectionError("redis is down")

    with system.session(tenant) as session:
        publish(session, "test.topic", {}, "a")
    engine = make_engine(system.settings.database.relay_url.get_secret_value(), system.settings, application="relay")
    with pytest.raises(ConnectionError):
        Relay(engine, system.registry["belgenet.consumers"], refuse, 600).step()
    engine.dispose()
    system.drain()
    assert states(system) == [("done", 1)]


def test_a_worker_at_work_does_not_keep_the_rest_leased(system: Any, tenant: Any, effects: Any) -> None:
    """The broker goes down after the first of three was sent, and a worker has that one in hand."""
    from belgenet.core.db.session import make_engine
    from belgenet.core.outbox.relay import Relay

    with system.session(tenant) as session:
        for key in "abc":
            publish(session, "test.topic", {}, key)
    sent: list[Any] = []
    with system.superuser.connect() as worker:

        def first_only(row: Any) -> None:
            if sent:
                raise ConnectionError("redis is down")
            sent.append(row)
            worker.execute(text("SELECT 1 FROM outbox_deliveries WHERE id = :id FOR UPDATE"), {"id": row.id})

        url = system.settings.database.relay_url.get_secret_value()
        engine = make_engine(url, system.settings, application="relay")
        with pytest.raises(ConnectionError):
            Relay(engine, system.registry["belgenet.consumers"], first_only, 600).step()
        engine.dispose()
        worker.rollback()
    assert system.drain() == 2, "a lease must run out before they are sent again"


def test_a_consumer_that_is_not_concerned_gets_no_delivery(system: Any, tenant: Any, effects: Any) -> None:
    """And one whose condition cannot be told from the payload finds out itself: the relay goes on."""
    consumers = system.registry["belgenet.consumers"]
    for name, key in (("test.even", "even"), ("test.missing", "missing")):
        consumers[name] = Consumer(
            name, "test.condition", "default", lambda *_: None, when=lambda payload, key=key: payload[key]
        )
    try:
        with system.session(tenant) as session:
            for number in range(4):
                publish(session, "test.condition", {"even": number % 2 == 0}, f"c{number}")
        system.drain()
    finally:
        del consumers["test.even"], consumers["test.missing"]
    counted = (
        "SELECT consumer, count(*) FROM outbox_deliveries WHERE state = 'done' GROUP BY consumer ORDER BY consumer"
    )
    assert system.sql(counted) == [("test.even", 2), ("test.missing", 4)]


def test_two_workers_with_one_delivery_make_one_effect(system: Any, tenant: Any, effects: Any) -> None:
    with system.session(tenant) as session:
        publish(session, "test.topic", {}, "a")
    from belgenet.core.db.session import make_engine
    from belgenet.core.outbox.relay import Relay

    engine = make_engine(system.settings.database.relay_url.get_secret_value(), system.settings, application="relay")
    taken: list[Any] = []
    Relay(engine, system.registry["belgenet.consumers"], taken.append, 60).step()
    engine.dispose()
    start = threading.Barrier(6)
    outcomes: list[str] = []

    def run() -> None:
        start.wait()
        outcomes.append(deliver(system.registry, taken[0].id, taken[0].tenant_id))

    threads = [threading.Thread(target=run) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["done", *["skipped"] * 5]
    assert effects.rows() == 1


def test_a_run_that_died_counts_as_an_attempt_and_the_next_one_waits(system: Any, tenant: Any, effects: Any) -> None:
    """Its mark is there, the broker gives the message out again: the consumer does not run at once."""
    delivery = leased(system, tenant)
    assert mark_start(system.registry, delivery.id, tenant.id, redelivered=False)
    assert deliver(system.registry, delivery.id, tenant.id, redelivered=True) == "retry"
    assert (effects.seen, states(system)) == ([], [("pending", 1)])
    assert system.sql("SELECT last_error, available_at > now() FROM outbox_deliveries") == [(LOST, True)]
    due_now(system)
    system.drain()
    assert [event.attempt for event in effects.seen] == [2]
    assert states(system) == [("done", 2)]


def test_runs_that_die_each_time_end_as_a_dead_letter(system: Any, tenant: Any, effects: Any) -> None:
    delivery = leased(system, tenant)
    outcomes = []
    for _ in range(4):
        mark_start(system.registry, delivery.id, tenant.id, redelivered=False)
        outcomes.append(deliver(system.registry, delivery.id, tenant.id, redelivered=True))
    assert outcomes == ["retry", "retry", "retry", "dead"]
    assert states(system) == [("dead", 4)]


def test_a_mark_older_than_any_run_was_left_by_one_that_died(system: Any, tenant: Any, effects: Any) -> None:
    """The whole worker died: the relay, not the broker, sends the delivery again."""
    delivery = leased(system, tenant)
    mark_start(system.registry, delivery.id, tenant.id, redelivered=False)
    system.sql("UPDATE outbox_deliveries SET started_at = now() - interval '76 seconds'")
    assert deliver(system.registry, delivery.id, tenant.id) == "retry"
    assert states(system) == [("pending", 1)]


def test_a_young_mark_may_be_of_a_run_that_lives(system: Any, tenant: Any, effects: Any) -> None:
    """Consumers commit half-way, so an unlocked row does not mean that its worker died."""
    delivery = leased(system, tenant)
    mark_start(system.registry, delivery.id, tenant.id, redelivered=False)
    assert deliver(system.registry, delivery.id, tenant.id) == "done"
    assert states(system) == [("done", 1)]


def test_a_restored_message_that_never_ran_is_run(system: Any, tenant: Any, effects: Any) -> None:
    """A worker that stops in good order gives back what it had only fetched."""
    delivery = leased(system, tenant)
    assert deliver(system.registry, delivery.id, tenant.id, redelivered=True) == "done"
    assert states(system) == [("done", 1)]


def test_a_finished_run_leaves_no_mark_and_a_failed_one_neither(system: Any, tenant: Any, effects: Any) -> None:
    effects.failing["times"] = 1
    delivery = leased(system, tenant)
    assert deliver(system.registry, delivery.id, tenant.id) == "retry"
    assert system.sql("SELECT started_at FROM outbox_deliveries") == [(None,)]
    assert deliver(system.registry, delivery.id, tenant.id) == "done"
    assert system.sql("SELECT started_at FROM outbox_deliveries") == [(None,)]


def test_the_mark_is_committed_and_leaves_its_connection_clean(system: Any, tenant: Any, effects: Any) -> None:
    delivery = leased(system, tenant)
    assert mark_start(system.registry, delivery.id, tenant.id, redelivered=False)
    assert system.sql("SELECT started_at IS NOT NULL FROM outbox_deliveries") == [(True,)]
    with system.registry["belgenet.engine"].connect() as connection:
        assert connection.scalar(text("SELECT current_setting('app.tenant_id', true)")) == ""
        source = text("SELECT source FROM pg_settings WHERE name = 'synchronous_commit'")
        assert connection.scalar(source) != "session"


def leased(system: Any, tenant: Any) -> Any:
    """One delivery, as the relay would send it."""
    from belgenet.core.db.session import make_engine
    from belgenet.core.outbox.relay import Relay

    with system.session(tenant) as session:
        publish(session, "test.topic", {}, "a")
    engine = make_engine(system.settings.database.relay_url.get_secret_value(), system.settings, application="relay")
    sent: list[Any] = []
    Relay(engine, system.registry["belgenet.consumers"], sent.append, 60).step()
    engine.dispose()
    return sent[0]


def test_relay_role_sees_the_outbox_and_nothing_else(system: Any, tenant: Any) -> None:
    from sqlalchemy import create_engine
    from sqlalchemy.exc import ProgrammingError

    engine = create_engine(system.settings.database.relay_url.get_secret_value())
    with engine.connect() as connection:
        connection.execute(text("SELECT * FROM outbox"))
        for table in ("tenants", "audit_events", "idempotency_keys"):
            with pytest.raises(ProgrammingError, match="permission denied"):
                connection.execute(text(f"SELECT * FROM {table}"))
            connection.rollback()
    engine.dispose()


def test_attempts_outlast_a_morning_without_mail_or_storage() -> None:
    """Dead letters are for faults, not for a server that was away: waits of all attempts but the last, at their shortest."""
    from belgenet.core.tasks.attempts import FIRST_RETRY_SECONDS, LONGEST_RETRY_SECONDS
    from belgenet.settings.modules import Tasks

    waits = [min(FIRST_RETRY_SECONDS * 2**number, LONGEST_RETRY_SECONDS) for number in range(Tasks().max_attempts - 1)]
    assert sum(waits) * 0.8 > 2 * 3600


def test_what_is_sent_expires_with_its_lease(system: Any, tenant: Any) -> None:
    """Without workers each lease rings anew; only the last ring is worth hearing."""
    import base64
    import json
    from datetime import UTC, datetime

    import redis

    from belgenet.core.outbox.models import Delivery
    from belgenet.core.tasks.app import make_celery, send_delivery

    url, namespace = system.settings.tasks.broker_url.get_secret_value(), system.settings.tasks.namespace
    row = Delivery(id=tenant.id, tenant_id=tenant.id, queue="maintenance")
    with make_celery(system.registry) as celery:
        send_delivery(celery, row, 90)
    with redis.Redis.from_url(url) as client:
        message = json.loads(client.lindex(f"{namespace}:maintenance", 0))  # type: ignore[arg-type]
    expires = datetime.fromisoformat(message["headers"]["expires"])
    assert 80 < (expires - datetime.now(UTC)).total_seconds() <= 90
    assert json.loads(base64.b64decode(message["body"]))[0] == [str(tenant.id), str(tenant.id)]


def test_errors_do_not_tell_what_was_written(system: Any) -> None:
    """They reach logs and, as dead letters, a tenant's administrator."""
    from sqlalchemy import text
    from sqlalchemy.exc import DBAPIError

    with system.registry["belgenet.engine"].connect() as connection, pytest.raises(DBAPIError) as caught:
        connection.execute(text("SELECT 1 FROM no_such_table WHERE secret = :secret"), {"secret": "hunter2"})
    assert "no_such_table" in str(caught.value)
    assert "hunter2" not in str(caught.value)
