"""Dead letters and the summary of background work."""

import uuid
from typing import Any

import pytest
from prometheus_client import REGISTRY
from tests.api.admin.test_dashboard import add_dead

from belgenet.admin.tasks import gauges
from belgenet.core.outbox import Consumer, Event, publish
from belgenet.core.security import Role


@pytest.fixture
def admin(system: Any, tenant: Any) -> Any:
    return system.sign_in(tenant, Role.TENANT_ADMIN).client


@pytest.fixture
def flaky(system: Any) -> Any:
    """A consumer that fails until told otherwise."""

    class Flaky:
        broken = True
        calls = 0

        def __call__(self, _request: Any, _event: Event) -> None:
            self.calls += 1
            if self.broken:
                raise ValueError("kaynak yok")

    function = Flaky()
    system.registry["belgenet.consumers"]["test.flaky"] = Consumer("test.flaky", "test.flaky", "documents", function)
    yield function
    del system.registry["belgenet.consumers"]["test.flaky"]


def kill(system: Any, tenant: Any) -> None:
    """Let the flaky consumer use up its attempts."""
    with system.session(tenant) as session:
        publish(session, "test.flaky", {}, uuid.uuid4().hex)
    for _ in range(system.settings.tasks.max_attempts):
        system.drain()
        system.sql("UPDATE outbox_deliveries SET available_at = now() WHERE state = 'pending'")


def test_from_failure_to_dead_letter_to_done(system: Any, tenant: Any, admin: Any, flaky: Any) -> None:
    kill(system, tenant)
    letters = admin.get("/admin/dead-letters", status=200).json["items"]
    assert [(item["consumer"], item["topic"], item["queue"], item["state"]) for item in letters] == [
        ("test.flaky", "test.flaky", "documents", "dead")
    ]
    assert letters[0]["attempts"] == system.settings.tasks.max_attempts == flaky.calls
    assert "kaynak yok" in letters[0]["error"]
    flaky.broken = False
    answer = admin.post(f"/admin/dead-letters/{letters[0]['id']}/retry", status=200).json
    assert (answer["state"], answer["attempts"]) == ("pending", 0)
    assert system.drain() == 1
    assert admin.get("/admin/dead-letters").json["items"] == []
    done = admin.post(f"/admin/dead-letters/{letters[0]['id']}/retry", status=200).json
    assert done["state"] == "done"
    assert flaky.calls == system.settings.tasks.max_attempts + 1


def test_retry_is_recorded_once(system: Any, tenant: Any, admin: Any) -> None:
    letter = add_dead(system, tenant)[0]
    for _ in range(3):
        admin.post(f"/admin/dead-letters/{letter}/retry", status=200)
    assert system.sql("SELECT action, target_id FROM audit_events") == [("dead_letter.retry", str(letter))]


def test_a_retry_that_fails_again_comes_back(system: Any, tenant: Any, admin: Any, flaky: Any) -> None:
    kill(system, tenant)
    letter = admin.get("/admin/dead-letters").json["items"][0]["id"]
    admin.post(f"/admin/dead-letters/{letter}/retry", status=200)
    for _ in range(system.settings.tasks.max_attempts):
        system.drain()
        system.sql("UPDATE outbox_deliveries SET available_at = now() WHERE state = 'pending'")
    assert [item["id"] for item in admin.get("/admin/dead-letters").json["items"]] == [letter]


def test_pages(system: Any, tenant: Any, admin: Any) -> None:
    made = add_dead(system, tenant, 7)
    seen, cursor = [], ""
    while True:
        answer = admin.get(f"/admin/dead-letters?limit=3{cursor}", status=200).json
        seen += [item["id"] for item in answer["items"]]
        if answer["next"] is None:
            break
        cursor = f"&cursor={answer['next']}"
    assert seen == [str(item) for item in reversed(made)]
    assert admin.get("/admin/dead-letters?consumer=nobody").json["items"] == []
    assert len(admin.get("/admin/dead-letters?consumer=test.consumer").json["items"]) == 7


def test_of_another_tenant_there_are_none(system: Any, tenant: Any, other_tenant: Any, admin: Any) -> None:
    letter = add_dead(system, other_tenant)[0]
    assert admin.get("/admin/dead-letters").json["items"] == []
    assert admin.post(f"/admin/dead-letters/{letter}/retry").status_int == 404
    assert system.sql("SELECT state FROM outbox_deliveries") == [("dead",)]


def test_only_administrators(system: Any, tenant: Any, app: Any) -> None:
    letter = add_dead(system, tenant)[0]
    staff = system.sign_in(tenant, Role.OPERATOR, Role.INSTRUCTOR).client
    for method, path in (
        ("GET", "/admin/dead-letters"),
        ("POST", f"/admin/dead-letters/{letter}/retry"),
        ("GET", "/admin/tasks"),
    ):
        assert staff.request(method, path).status_int == 403
        assert app.request(method, path).status_int == 401


def test_summary(system: Any, tenant: Any, admin: Any, flaky: Any) -> None:
    add_dead(system, tenant, 2)
    with system.session(tenant) as session:
        publish(session, "test.flaky", {}, "one")
    system.drain(rounds=1)
    with system.session(tenant) as session:
        publish(session, "test.flaky", {}, "two")
    answer = admin.get("/admin/tasks", status=200).json
    assert (answer["undispatched"], answer["pending"], answer["dead"]) == (1, 1, 2)
    work = {item["consumer"]: item for item in answer["work"]}
    assert (work["test.flaky"]["pending"], work["test.flaky"]["retrying"]) == (1, 1)
    assert 0 <= work["test.flaky"]["oldest_seconds"] < 60
    assert (work["test.consumer"]["dead"], work["test.consumer"]["oldest_seconds"]) == (2, None)


def test_number_of_queries_does_not_grow(system: Any, tenant: Any, admin: Any) -> None:
    counts = []
    for number in (1, 10, 30):
        add_dead(system, tenant, number)
        with system.count_queries() as seen:
            admin.get("/admin/dead-letters", status=200)
            admin.get("/admin/tasks", status=200)
        counts.append(len(seen))
    assert len(set(counts)) == 1


def test_gauges_count_all_tenants(system: Any, tenant: Any, other_tenant: Any, flaky: Any) -> None:
    add_dead(system, tenant, 2)
    add_dead(system, other_tenant, 3)
    with system.session(tenant) as session:
        publish(session, "test.flaky", {}, "one")
    system.drain(rounds=1)
    with system.request(None) as request:
        gauges(request)
    assert REGISTRY.get_sample_value("belgenet_outbox_dead") == 5
    assert REGISTRY.get_sample_value("belgenet_outbox_pending", {"queue": "documents"}) == 1
    assert REGISTRY.get_sample_value("belgenet_outbox_pending", {"queue": "mail"}) == 0


def test_many_are_tried_again_at_once_the_oldest_first(system: Any, tenant: Any, other_tenant: Any, admin: Any) -> None:
    made, theirs = add_dead(system, tenant, 7), add_dead(system, other_tenant, 2)
    system.sql("UPDATE outbox_deliveries SET consumer = 'test.other' WHERE id = :id", id=made[0])
    answer = admin.post("/admin/dead-letters/retry", {"consumer": "test.consumer", "limit": 4}, status=200).json
    assert answer == {"retried": 4, "remaining": 2}
    alive = {row[0] for row in system.sql("SELECT id FROM outbox_deliveries WHERE state = 'pending' AND attempts = 0")}
    assert alive == set(made[1:5])
    assert admin.post("/admin/dead-letters/retry", {}, status=200).json == {"retried": 3, "remaining": 0}
    assert admin.post("/admin/dead-letters/retry", {}, status=200).json == {"retried": 0, "remaining": 0}
    left = system.sql("SELECT id FROM outbox_deliveries WHERE state = 'dead' ORDER BY id")
    assert [row[0] for row in left] == sorted(theirs)
    acts = system.sql("SELECT target_id, after FROM audit_events WHERE action = 'dead_letter.retry_many' ORDER BY id")
    assert [tuple(row) for row in acts] == [
        ("test.consumer", {"consumer": "test.consumer", "retried": 4}),
        ("*", {"consumer": None, "retried": 3}),
    ]


def test_what_was_tried_again_is_done(system: Any, tenant: Any, admin: Any, flaky: Any) -> None:
    kill(system, tenant)
    flaky.broken = False
    assert admin.post("/admin/dead-letters/retry", {}, status=200).json["retried"] == 1
    system.drain()
    assert system.sql("SELECT state FROM outbox_deliveries") == [("done",)]


@pytest.mark.parametrize(
    "body", [{"limit": 0}, {"limit": 501}, {"limit": "x"}, {"all": True}, [], {"consumer": "x" * 101}]
)
def test_a_bulk_retry_is_bounded(admin: Any, body: Any) -> None:
    assert admin.post("/admin/dead-letters/retry", body, status=400).json["code"] == "invalid_input"
