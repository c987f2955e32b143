"""PostgreSQL and Redis themselves, brought into the states that the checks look for."""

import json
import subprocess
import tempfile
import threading
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy import text
from tests.common.waiting import wait_until
from tests.unit.appliance.doctor.ward import Patient, codes, told

from belgenet.appliance import status
from belgenet.appliance.doctor import database, names, redis, work
from belgenet.appliance.doctor.probe import look
from belgenet.appliance.support import sources
from belgenet.testing.servers.redis_binaries import find_redis


@pytest.fixture
def patient(tmp_path, system):
    """Whose database is the one under test."""

    def rows(query):
        with system.superuser.begin() as connection:
            connection.execute(text("set local search_path = pg_catalog"))
            found = connection.scalar(text(f"select coalesce(json_agg(found), '[]') from ({query}) as found"))
        return found if isinstance(found, list) else json.loads(found)

    return Patient(tmp_path, rows=rows)


@pytest.mark.parametrize("query", [names._HOSTS, status._QUEUES, status._ORDERS, sources._TABLES])
def test_whatever_is_asked_names_its_schema(patient, query):
    """The administrator, as whom they are asked, looks for nothing where others can put something."""
    assert isinstance(patient.sql(query), list)


def test_a_healthy_database(patient):
    for check in (database.connections, database.collation, database.vacuum, database.locks, database.damage):
        assert list(check(patient)) == [], check


def test_a_database_that_is_away(tmp_path):
    assert told(database.connections(Patient(tmp_path))) == [
        "error: PostgreSQL does not answer: could not connect to server"
    ]


@pytest.mark.parametrize(("used", "expected"), [(69, []), (70, ["warning"]), (90, ["error"])])
def test_connections_run_out(tmp_path, used, expected):
    found = list(database.connections(Patient(tmp_path, rows=[{"used": used, "most": 100}])))
    assert [item.level for item in found] == expected


def test_sorting_rules_that_changed(tmp_path):
    rows = [{"name": "belgenet", "then": "2.36", "now": "2.41"}]
    assert told(database.collation(Patient(tmp_path, rows=rows))) == [
        "error: belgenet: the rules for sorting text have changed (2.36 to 2.41)"
    ]


def test_a_lock_and_a_transaction_that_stay(patient, system, monkeypatch):
    monkeypatch.setattr(database, "LOCK_SECONDS", 0)
    monkeypatch.setattr(database, "OPEN_SECONDS", 0)
    first = system.superuser.connect()
    first.execute(text("lock table tenants in access exclusive mode"))
    done = threading.Event()

    def wait():
        with system.superuser.connect() as second:
            second.execute(text("select count(*) from tenants"))
        done.set()

    waiter = threading.Thread(target=wait)
    waiter.start()
    try:
        assert wait_until(lambda: "lock_waiting" in codes(database.locks(patient)), 10)
        assert "transaction_open" in codes(database.locks(patient))
    finally:
        first.close()
        waiter.join(10)
    assert done.is_set()


def test_a_cluster_that_reports_damage(tmp_path):
    def rows(query):
        return [{"name": "belgenet", "failures": 3}] if "checksum" in query else [{"wal": "0001", "times": 7}]

    assert told(database.damage(Patient(tmp_path, rows=rows))) == [
        "error: 3 damaged pages were found in the database belgenet",
        "error: The database's log does not reach the backup (0001, 7 failures)",
    ]


def test_ages_and_dead_rows(tmp_path):
    def rows(query):
        old = {"name": "belgenet", "age": 1_600_000_000}
        return [old] if "datfrozenxid" in query else [{"name": "orders", "dead": 200_000, "live": 1}]

    assert told(database.vacuum(Patient(tmp_path, rows=rows))) == [
        "error: belgenet has not been frozen for 1600 million transactions",
        "warning: The table orders has 200000 dead rows (live: 1)",
    ]


DELIVERY = """
    insert into outbox (id, tenant_id, topic, dedupe_key, payload, created_at, dispatched_at)
    values (gen_random_uuid(), :tenant, 't', gen_random_uuid()::text, '{}', now() - interval '3 hours', :sent) returning id"""
SHARE = """
    insert into outbox_deliveries (id, tenant_id, event_id, consumer, queue, state, attempts, available_at)
    values (gen_random_uuid(), :tenant, :event, 'certificates.issue', 'documents', :state, 1, now() - interval '2 hours')"""


@pytest.mark.parametrize(
    ("state", "sent", "expected"),
    [
        ("pending", "now", ['error: 1 pieces of work wait in the queue "documents", the oldest for 120 minutes']),
        ("dead", "now", ['warning: 1 pieces of work for "certificates.issue" were tried often and given up']),
        ("done", "now", []),
        ("done", None, ["error: 1 events have not been handed out for 10800 seconds"]),
    ],
)
def test_work_that_waits(patient, system, tenant, state, sent, expected):
    with system.superuser.begin() as connection:
        event = connection.scalar(text(DELIVERY), {"tenant": tenant.id, "sent": sent})
        connection.execute(text(SHARE), {"tenant": tenant.id, "event": event, "state": state})
    assert told(work.queues(patient)) == expected


def test_processes_that_are_silent(patient, system):
    with system.superuser.begin() as connection:
        connection.execute(
            text(
                "insert into heartbeats (kind, process, seen_at) values ('worker', 'a', now() - interval '9 minutes'), "
                "('relay', 'b', now())"
            )
        )
        connection.execute(
            text("insert into periodic_runs (name, started_at) values ('x', now() - interval '20 minutes')")
        )
    assert told(work.processes(patient)) == [
        'error: Nothing was heard of "beat" processes for - minutes',
        'error: Nothing was heard of "worker" processes for 9 minutes',
        "error: No periodic work was started for 20 minutes",
    ]


BROKER = {
    "used_memory": 1,
    "maxmemory": 100 << 20,
    "maxmemory_policy": "noeviction",
    "evicted_keys": 0,
    "aof_enabled": 1,
    "aof_last_write_status": "ok",
}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, []),
        ({"used_memory": 81 << 20}, ["warning: The queue server is filling: 81 of 100 MiB"]),
        ({"evicted_keys": 4}, ["error: The queue server throws work away (policy: noeviction, thrown away: 4)"]),
        ({"maxmemory_policy": "allkeys-lru"}, ["error: The queue server throws work away (policy: allkeys-lru, thrown away: 0)"]),
        ({"aof_enabled": 0}, ["error: The queue server does not keep on disk what it was given: appendonly no"]),
        (
            {"aof_last_write_status": "err"},
            ["error: The queue server does not keep on disk what it was given: aof_last_write_status: err"],
        ),
    ],
)  # fmt: skip
def test_what_a_broker_says_of_itself(change, expected):
    assert told(redis.broker(BROKER | change)) == expected


@pytest.fixture
def near():
    """A folder whose name leaves room for a socket's: 107 characters at most."""
    with tempfile.TemporaryDirectory(prefix="bn-") as folder:
        yield Path(folder)


def test_redis_is_asked_by_its_own_door(near, monkeypatch):
    patient = Patient(near)
    folder = patient.path("/run/redis-belgenet-broker")
    folder.mkdir(parents=True)
    words = [
        find_redis(),
        "--port",
        "0",
        "--unixsocket",
        str(folder / "root.sock"),
        "--dir",
        str(near),
        "--save",
        "",
    ]
    words += ["--user", "metrics", "on", ">secret", "-@all", "+ping", "+info", "+select"]
    words += ["--maxmemory", "50mb", "--maxmemory-policy", "allkeys-lru"]
    monkeypatch.setattr(Patient, "vault", SimpleNamespace(read=lambda _name: "secret"), raising=False)
    server = subprocess.Popen(words, stdout=subprocess.DEVNULL)
    try:
        assert wait_until((folder / "root.sock").exists, 10)
        found = codes(redis.redis(patient))
    finally:
        server.terminate()
        server.wait(10)
    assert found == ["redis_unreachable", "broker_evicting", "broker_not_kept"]  # the cache is not there at all


def test_the_object_store_keeps_gives_back_and_forgets(settings):
    assert look(settings) == {}


def test_an_object_store_that_is_away(settings):
    away = settings.storage.model_copy(update={"endpoint": "127.0.0.1:9"})
    found = look(settings.model_copy(update={"storage": away}))
    assert found["step"] == "reach"
