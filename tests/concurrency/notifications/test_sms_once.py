"""Several workers, one SMS: it leaves once, however they meet."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import text
from tests.api.notifications.test_sms import NUMBER, due_now, queue, states
from tests.common.system import wait_until

from belgenet.core.db.session import make_engine
from belgenet.core.outbox import publish
from belgenet.core.outbox.relay import Relay
from belgenet.core.security import Role
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


def test_administrators_who_retry_at_once_retry_once(system: Any, tenant: Any, mail_sink: Any) -> None:
    queue(system, tenant, to="0501 000 00 20")
    system.drain()
    system.sql("UPDATE sms_messages SET recipient = :n", n=NUMBER)
    admins = [system.sign_in(tenant, Role.TENANT_ADMIN).client for _ in range(3)]
    with system.superuser.connect() as first, ThreadPoolExecutor(3) as pool:
        # All of them have to wait for the row, so all of them are past the point where it was read for the first time.
        ((sms,),) = first.execute(text("SELECT id FROM sms_messages FOR UPDATE"))
        asked = [pool.submit(client.post, f"/admin/sms/{sms}/retry", status=200) for client in admins]
        waiting = (
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        wait_until(lambda: system.sql(waiting)[0][0] == len(admins), 20, "not all of them wait")
        first.rollback()
        assert [answer.result().json["state"] for answer in asked] == ["queued"] * 3
    assert system.sql("SELECT count(*) FROM audit_events WHERE action = 'sms.retry'") == [(1,)]
    assert system.sql("SELECT count(*) FROM outbox WHERE topic = 'sms.queued'") == [(2,)]
    system.drain()
    assert len(mail_sink.sms(NUMBER)) == 1


def test_one_delivery_rung_for_twice_sends_it_once(system: Any, tenant: Any, mail_sink: Any) -> None:
    """The relay rings anew when a lease ran out, also for a worker that is merely slow."""
    queue(system, tenant, to=SLOW)
    (delivery,) = due(system)
    assert "done" in at_once(system, tenant, [delivery] * 4)
    due_now(system)
    system.drain()
    assert states(system) == [("sent", None)]
    assert len(mail_sink.sms(SLOW)) == 1
