"""Several workers, one SMS: it leaves once, however they meet."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from tests.api.notifications.test_sms import due_now, queue, states

from belgenet.core.db.session import make_engine
from belgenet.core.outbox import publish
from belgenet.core.outbox.relay import Relay
from belgenet.core.tasks.deliver import deliver
from belgenet.notifications.events import SMS_QUEUED

SLOW = "+905010930000"
"""The provider of the tests takes half a second for it."""
ROUNDS = 5


@pytest.fixture(autouse=True)
def _empty_mailboxes(mail_sink: Any) -> None:
    mail_sink.clear()


def due(system: Any) -> list[uuid.UUID]:
    """What the relay would ring for now."""
    engine = make_engine(system.settings.database.relay_url.get_secret_value(), system.settings, application="relay")
    found: list[uuid.UUID] = []
    Relay(engine, system.registry["belgenet.consumers"], lambda row: found.append(row.id), 60).step()
    engine.dispose()
    return found


def at_once(system: Any, tenant: Any, deliveries: list[uuid.UUID]) -> list[str]:
    gate = Barrier(len(deliveries))

    def run(delivery: uuid.UUID) -> str:
        gate.wait()
        return deliver(system.registry, delivery, tenant.id)

    with ThreadPoolExecutor(len(deliveries)) as pool:
        return list(pool.map(run, deliveries))


@pytest.mark.parametrize("number", range(ROUNDS))
def test_two_events_of_one_sms_send_it_once(system: Any, tenant: Any, mail_sink: Any, number: int) -> None:
    """A dead letter tried again while the SMS itself was sent again: each has a delivery of its own, only the SMS is one."""
    queue(system, tenant, to=SLOW)
    ((sms,),) = system.sql("SELECT id FROM sms_messages")
    with system.session(tenant) as session:
        for again in range(3):
            publish(session, SMS_QUEUED, {"sms_id": str(sms)}, f"{sms}:{again}")
    outcomes = at_once(system, tenant, due(system))
    assert sorted(outcomes) == ["done", "retry", "retry", "retry"]
    assert len(mail_sink.sms(SLOW)) == 1
    due_now(system)
    system.drain()
    assert states(system) == [("sent", None)]
    assert set(system.sql("SELECT state FROM outbox_deliveries")) == {("done",)}
    assert len(mail_sink.sms(SLOW)) == 1


def test_one_delivery_rung_for_twice_sends_it_once(system: Any, tenant: Any, mail_sink: Any) -> None:
    """The relay rings anew when a lease ran out, also for a worker that is merely slow."""
    queue(system, tenant, to=SLOW)
    (delivery,) = due(system)
    assert "done" in at_once(system, tenant, [delivery] * 4)
    due_now(system)
    system.drain()
    assert states(system) == [("sent", None)]
    assert len(mail_sink.sms(SLOW)) == 1
