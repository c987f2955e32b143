"""A restored server: mail waits, everything else goes on, and nothing is lost or counted."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from belgenet.core.db.session import make_engine
from belgenet.core.outbox import Consumer, publish
from belgenet.core.outbox.hold import OUTGOING, Hold
from belgenet.core.outbox.relay import Due, Relay
from belgenet.core.tasks.deliver import deliver


@pytest.fixture
def file(system: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The switch, off."""
    file, now = tmp_path / "outgoing-held", system.registry.settings["belgenet"]
    held = now.model_copy(update={"tasks": now.tasks.model_copy(update={"hold_file": file})})
    monkeypatch.setitem(system.registry.settings, "belgenet", held)
    return file


@pytest.fixture
def done(system: Any) -> Iterator[list[str]]:
    """Names of two consumers, one of them outgoing, as often as they run."""
    seen: list[str] = []
    consumers = system.registry["belgenet.consumers"]
    for name, queue in (("test.mail", "mail"), ("test.pay", "payments")):
        consumers[name] = Consumer(name, "test.both", queue, lambda _request, _event, name=name: seen.append(name))
    yield seen
    for name in ("test.mail", "test.pay"):
        del consumers[name]


@pytest.fixture
def sent() -> list[Due]:
    return []


@pytest.fixture
def relay(system: Any, file: Path, done: Any, sent: list[Due]) -> Iterator[Relay]:
    """As the process ``belgenet relay`` makes it, without a broker."""
    engine = make_engine(system.settings.database.relay_url.get_secret_value(), system.settings, application="relay")
    yield Relay(engine, system.registry["belgenet.consumers"], sent.append, 600, Hold(file).queues)
    engine.dispose()


def states(system: Any) -> list[tuple[str, str, int, bool]]:
    rows = system.sql("SELECT consumer, state, attempts, started_at IS NULL FROM outbox_deliveries ORDER BY consumer")
    return [tuple(row) for row in rows]


def test_there_is_no_hold_without_the_setting_or_the_file(tmp_path: Path) -> None:
    assert Hold(None).queues() == frozenset()
    hold = Hold(tmp_path / "file")
    assert hold.queues() == frozenset()
    (tmp_path / "file").touch()
    assert hold.queues() == OUTGOING == {"mail"}


def test_outgoing_work_waits_until_it_is_released(
    system: Any, tenant: Any, file: Path, relay: Relay, sent: list[Due]
) -> None:
    file.touch()
    with system.session(tenant) as session:
        publish(session, "test.both", {}, "a")
    for _ in range(3):
        relay.step()
    assert [due.queue for due in sent] == ["payments"]
    file.unlink()
    relay.step()
    assert [due.queue for due in sent] == ["payments", "mail"]


def test_what_the_broker_holds_already_is_put_back_untried(
    system: Any, tenant: Any, file: Path, relay: Relay, sent: list[Due], done: list[str]
) -> None:
    with system.session(tenant) as session:
        publish(session, "test.both", {}, "a")
    relay.step()
    file.touch()
    outcomes = {due.queue: deliver(system.registry, due.id, due.tenant_id) for due in sent}
    assert outcomes == {"payments": "done", "mail": "skipped"}
    assert done == ["test.pay"]
    assert states(system) == [("test.mail", "pending", 0, True), ("test.pay", "done", 1, True)]
    file.unlink()
    sent.clear()
    relay.step()
    for due in sent:
        deliver(system.registry, due.id, due.tenant_id)
    assert done == ["test.pay", "test.mail"]


def test_many_releases_and_holds_send_it_once(
    system: Any, tenant: Any, file: Path, relay: Relay, sent: list[Due], done: list[str]
) -> None:
    with system.session(tenant) as session:
        publish(session, "test.both", {}, "a")
    for _ in range(4):
        file.touch()
        relay.step()
        for due in sent:
            deliver(system.registry, due.id, due.tenant_id)
        file.unlink()
    for due in sent:
        deliver(system.registry, due.id, due.tenant_id)
    relay.step()
    for due in sent:
        deliver(system.registry, due.id, due.tenant_id)
    assert sorted(done) == ["test.mail", "test.pay"]
