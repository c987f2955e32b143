"""What an operator sees of the database's connections, the S3 server and the outbox."""

import subprocess
import sys
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from celery import Celery
from prometheus_client import REGISTRY
from sqlalchemy import text
from sqlalchemy.exc import TimeoutError as PoolTimeout

from belgenet.admin.tasks import gauges
from belgenet.core.db.session import make_engine
from belgenet.core.outbox import publish
from belgenet.core.storage import NoSuchObject, StorageUnavailable, tenant_key
from belgenet.core.tasks.app import start_periodic


def value(figure: str, /, **labels: str) -> float:
    return REGISTRY.get_sample_value(figure, labels) or 0.0


@pytest.fixture
def small_pool(settings: Any) -> Any:
    """An engine that lends one connection and waits a moment for the next."""
    database = settings.database.model_copy(update={"pool_size": 1, "max_overflow": 0, "pool_timeout_seconds": 0.05})
    url = settings.database.url.get_secret_value()
    engine = make_engine(url, settings.model_copy(update={"database": database}), application="test")
    yield engine
    engine.dispose()


def test_lent_connections_are_counted_and_who_waited_in_vain_too(small_pool: Any) -> None:
    before = value("belgenet_db_pool_timeouts_total", pool="test")
    with small_pool.connect():
        assert value("belgenet_db_connections_in_use", pool="test") == 1
        assert value("belgenet_db_connections_limit", pool="test") == 1
        with pytest.raises(PoolTimeout):
            small_pool.connect()
    assert value("belgenet_db_pool_timeouts_total", pool="test") == before + 1
    assert value("belgenet_db_connections_in_use", pool="test") == 0


def test_a_connection_that_died_is_not_lent_any_more(small_pool: Any, system: Any) -> None:
    with small_pool.connect() as connection:
        pid = connection.scalar(text("SELECT pg_backend_pid()"))
        system.sql("SELECT pg_terminate_backend(:pid)", pid=pid)
        connection.invalidate()
    assert value("belgenet_db_connections_in_use", pool="test") == 0
    small_pool.dispose()
    with small_pool.connect():
        assert value("belgenet_db_connections_in_use", pool="test") == 1, "the new pool has the old one's name"


def test_calls_to_the_object_store_are_counted_by_outcome(system: Any, tenant: Any) -> None:
    def calls(operation: str, outcome: str) -> float:
        return value("belgenet_storage_calls_total", operation=operation, outcome=outcome)

    wanted = [("put", "done"), ("get", "done"), ("get", "absent"), ("put", "failed")]
    before = [calls(*each) for each in wanted]
    timed = value("belgenet_storage_seconds_count", operation="get")
    store = system.registry["belgenet.storage"]
    key = tenant_key(tenant.id, "test", "counted")
    store.put(key, b"x", 1, "text/plain")
    store.get(key)
    with pytest.raises(NoSuchObject):
        store.get(tenant_key(tenant.id, "test", "not-there"))
    bucket, store.bucket = store.bucket, "no-such-bucket"
    try:
        with pytest.raises(StorageUnavailable):
            store.put(key, b"x", 1, "text/plain")
    finally:
        store.bucket = bucket
    assert [calls(*each) for each in wanted] == [count + 1 for count in before]
    assert value("belgenet_storage_seconds_count", operation="get") == timed + 2


def test_how_long_work_has_waited(system: Any, tenant: Any, other_tenant: Any) -> None:
    """Also of several tenants: the oldest counts."""
    for owner, minutes in ((tenant, 5), (other_tenant, 10)):
        with system.session(owner) as session:
            publish(session, "test.waits", {}, f"{minutes}")
        age = timedelta(minutes=minutes)
        system.sql("UPDATE outbox SET created_at = now() - :age WHERE dedupe_key = :key", age=age, key=f"{minutes}")
    with system.request(None) as request:
        gauges(request)
    assert value("belgenet_outbox_lag_seconds") == pytest.approx(600, abs=30)
    assert value("belgenet_outbox_counted_timestamp_seconds") == pytest.approx(time.time(), abs=30)
    system.sql("UPDATE outbox SET dispatched_at = now()")
    with system.request(None) as request:
        gauges(request)
    assert value("belgenet_outbox_lag_seconds") == 0


def test_periodic_work_is_counted_by_how_it_ended(system: Any) -> None:
    def count(outcome: str) -> float:
        return value("belgenet_tasks_total", name="admin.gauges", outcome=outcome)

    def fail(_request: Any) -> None:
        raise LookupError

    before, timed = (count("done"), count("failed")), value("belgenet_task_seconds_count", name="admin.gauges")
    item = system.registry["belgenet.periodic"]["admin.gauges"]
    start_periodic(Celery(), system.registry, item, None)
    with pytest.raises(LookupError):
        start_periodic(Celery(), system.registry, replace(item, function=fail), None)
    assert (count("done"), count("failed")) == (before[0] + 1, before[1] + 1)
    assert value("belgenet_task_seconds_count", name="admin.gauges") == timed + 2


COUNT = """
from belgenet.cli.context import share_metrics
share_metrics({folder!r})
import sys
from belgenet.core.observability.metrics import MAILS, POOL_IN_USE, seed
seed(MAILS, state=("sent", "failed"))
POOL_IN_USE.labels(pool="app").inc()
MAILS.labels(state="sent").inc()
print("counted", flush=True)
sys.stdin.read()
"""
ASK = """
from belgenet.cli.context import share_metrics
share_metrics({folder!r})
from belgenet.core.observability.health import exposition
print(exposition({folder!r}).decode())
"""


def test_what_a_process_held_goes_with_it_and_what_it_counted_stays(tmp_path: Path) -> None:
    words = [sys.executable, "-W", "ignore", "-c"]

    def told() -> str:
        return subprocess.run(
            [*words, ASK.format(folder=str(tmp_path))], capture_output=True, text=True, check=True
        ).stdout

    count = COUNT.format(folder=str(tmp_path))
    with subprocess.Popen([*words, count], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout
        assert holder.stdin
        assert holder.stdout.readline() == "counted\n"
        assert 'belgenet_db_connections_in_use{pool="app"} 1.0' in told()
        holder.stdin.close()
        holder.wait(10)
    after = told()
    assert "belgenet_db_connections_in_use{" not in after
    assert 'belgenet_mails_total{state="sent"} 1.0' in after
    assert 'belgenet_mails_total{state="failed"} 0.0' in after, "stands there before the first one fails"
    assert list(tmp_path.glob("*livesum*")) == []
