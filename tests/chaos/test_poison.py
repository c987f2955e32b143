"""Work that takes its worker along: counted each time, out of the way at the end, and nothing else suffers."""

import os
import pickle
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.chaos.fragile_worker import FRAGILE
from tests.common.system import wait_until

from belgenet.core.db.session import make_engine
from belgenet.core.outbox import publish
from belgenet.core.outbox.relay import Relay
from belgenet.core.tasks.app import make_celery, send_delivery
from belgenet.core.tasks.attempts import LOST

ALWAYS = 1_000_000
pytestmark = pytest.mark.chaos


@pytest.fixture
def worker(system: Any, tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A real worker with one child."""
    with (tmp_path / "worker.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.chaos.fragile_worker"],
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    assert process.stdin
    process.stdin.write(pickle.dumps(system.settings))
    process.stdin.close()
    yield process
    os.killpg(process.pid, signal.SIGKILL)
    process.wait(10)


@pytest.fixture
def relay(system: Any) -> Iterator[None]:
    """A relay at work beside the test."""
    consumers = system.registry["belgenet.consumers"]
    consumers[FRAGILE.name] = FRAGILE
    engine = make_engine(system.settings.database.relay_url.get_secret_value(), system.settings, application="relay")
    stop = threading.Event()
    with make_celery(system.registry) as celery:
        work = Relay(engine, consumers, lambda row: send_delivery(celery, row, 90), 90)

        def loop() -> None:
            while not stop.wait(0.1):
                work.step()

        thread = threading.Thread(target=loop)
        thread.start()
        yield
        stop.set()
        thread.join()
    engine.dispose()
    del consumers[FRAGILE.name]


def order(system: Any, tenant: Any, folder: Path, name: str, deaths: int) -> Path:
    runs = folder / name
    with system.session(tenant) as session:
        publish(session, FRAGILE.topic, {"name": name, "file": str(runs), "deaths": deaths}, name)
    return runs


def states(system: Any) -> dict[str, tuple[str, int]]:
    rows = system.sql(
        "SELECT e.payload ->> 'name', d.state, d.attempts FROM outbox_deliveries d JOIN outbox e ON e.id = d.event_id"
    )
    return {name: (state, attempts) for name, state, attempts in rows}


def effects(system: Any) -> list[str]:
    return [name for (name,) in system.sql("SELECT target_id FROM audit_events ORDER BY target_id")]


def test_poison_ends_as_a_dead_letter_and_others_are_served(
    system: Any, tenant: Any, worker: Any, relay: None, tmp_path: Path
) -> None:
    runs = order(system, tenant, tmp_path, "poison", ALWAYS)
    order(system, tenant, tmp_path, "healthy", 0)
    most = system.settings.tasks.max_attempts
    wait_until(lambda: states(system).get("poison") == ("dead", most), 90, "the poison was never given up")
    assert runs.read_text().split() == [str(number) for number in range(1, most + 1)]
    assert states(system)["healthy"] == ("done", 1)
    assert effects(system) == ["healthy"]
    assert system.sql("SELECT last_error FROM outbox_deliveries WHERE state = 'dead'") == [(LOST,)]


def test_who_died_by_accident_is_done_soon_and_once(
    system: Any, tenant: Any, worker: Any, relay: None, tmp_path: Path
) -> None:
    order(system, tenant, tmp_path, "unlucky", 2)
    wait_until(lambda: states(system).get("unlucky") == ("done", 3), 60, "never done")
    assert effects(system) == ["unlucky"]
