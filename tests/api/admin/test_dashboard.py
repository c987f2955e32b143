"""GET /admin/dashboard: figures that domains register, what waits, what happened."""

import uuid
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from belgenet.admin.interfaces import Attention, Card, Window
from belgenet.admin.services.dashboard import ATTENTION, CARDS, Registered, RegisteredAttention
from belgenet.core import audit
from belgenet.core.outbox.models import Delivery, OutboxEvent
from belgenet.core.security import Permission, Role


@pytest.fixture
def admin(system: Any, tenant: Any) -> Any:
    return system.sign_in(tenant, Role.TENANT_ADMIN)


@pytest.fixture
def donations(system: Any) -> Iterator[None]:
    """A domain that earned 10.00 a day for three days, and 20.00 in the days before, and has two things waiting."""

    def cards(_session: Session, window: Window) -> Sequence[Card]:
        by_day = {window.today - timedelta(days=back): 1000 for back in range(3)}
        by_day[window.today - timedelta(days=window.days)] = 2000
        return [Card.compared("test_revenue", by_day, window, window.currency)]

    def waiting(_session: Session) -> Sequence[Attention]:
        return [Attention("test_reviews", 2, "/admin/reviews"), Attention("test_nothing", 0, "/admin/nothing")]

    cards_before, waiting_before = list(system.registry[CARDS]), list(system.registry[ATTENTION])
    system.registry[CARDS].append(Registered(cards, Permission.ORDER_MANAGE))
    system.registry[ATTENTION].append(RegisteredAttention(waiting, Permission.ORDER_MANAGE))
    yield
    system.registry[CARDS][:], system.registry[ATTENTION][:] = cards_before, waiting_before


def card(answer: Any, key: str) -> Any:
    return next(item for item in answer["cards"] if item["key"] == key)


def add_dead(system: Any, tenant: Any, count: int = 1) -> list[uuid.UUID]:
    with system.session(tenant, superuser=True) as session:
        made = []
        for number in range(count):
            event = OutboxEvent(topic="test.topic", dedupe_key=uuid.uuid4().hex, payload={"number": number})
            session.add(event)
            session.flush()
            row = Delivery(
                event_id=event.id, consumer="test.consumer", queue="mail", state="dead", attempts=8, last_error="boom"
            )
            session.add(row)
            session.flush()
            made.append(row.id)
        return made


def test_a_domains_figures(admin: Any, donations: None) -> None:
    answer = admin.client.get("/admin/dashboard?days=7", status=200).json
    revenue = card(answer, "test_revenue")
    assert revenue["money"] == {"amount": "30.00", "currency": "TRY"}
    assert revenue["value"] is None
    assert revenue["change_percent"] == 50.0
    assert len(revenue["series"]) == 7
    assert revenue["series"][-1]["money"] == {"amount": "10.00", "currency": "TRY"}
    assert revenue["series"][0]["money"] == {"amount": "0.00", "currency": "TRY"}
    days = [date.fromisoformat(point["date"]) for point in revenue["series"]]
    assert days == sorted(days)
    assert {item["kind"]: item["count"] for item in answer["attention"]} == {"test_reviews": 2}


def test_members_are_counted_without_guests(system: Any, tenant: Any, other_tenant: Any, admin: Any) -> None:
    system.sign_in(tenant, Role.GUEST)
    system.sign_in(tenant, Role.DONOR)
    system.sign_in(other_tenant, Role.STUDENT)
    members = card(admin.client.get("/admin/dashboard").json, "members")
    assert members["value"] == 2
    assert members["change_percent"] is None
    assert members["series"][-1]["value"] == 2
    assert members["title"] == "New members"
    turkish = admin.client.get("/admin/dashboard", headers={"Accept-Language": "tr"}).json
    assert card(turkish, "members")["title"] == "Yeni üyeler"


def test_what_waits_and_what_happened(system: Any, tenant: Any, admin: Any) -> None:
    add_dead(system, tenant, 3)
    with system.request(tenant) as request:
        audit.record(request, "test.act", "thing", 1, after={"a": 1})
    answer = admin.client.get("/admin/dashboard").json
    dead = next(item for item in answer["attention"] if item["kind"] == "dead_letters")
    assert (dead["count"], dead["link"], dead["title"]) == (3, "/admin/dead-letters", "Failed tasks")
    assert answer["activity"][0]["action"] == "test.act"


def test_staff_see_what_their_roles_allow(system: Any, tenant: Any, donations: None) -> None:
    add_dead(system, tenant)
    answer = system.sign_in(tenant, Role.INSTRUCTOR).client.get("/admin/dashboard", status=200).json
    assert "test_revenue" not in {item["key"] for item in answer["cards"]}
    assert "members" not in {item["key"] for item in answer["cards"]}
    assert answer["attention"] == []
    assert answer["activity"] == []


@pytest.mark.parametrize("role", [Role.DONOR, Role.STUDENT, Role.GUEST])
def test_others_see_nothing(system: Any, tenant: Any, role: Role) -> None:
    assert system.sign_in(tenant, role).client.get("/admin/dashboard").status_int == 403


@pytest.mark.parametrize("days", ["0", "6", "93", "-1", "x", ""])
def test_wrong_number_of_days(admin: Any, days: str) -> None:
    assert admin.client.get(f"/admin/dashboard?days={days}").status_int == 400


def test_number_of_queries_does_not_grow(system: Any, tenant: Any, admin: Any) -> None:
    counts = []
    for number in (1, 5, 20):
        add_dead(system, tenant, number)
        for _ in range(number):
            person = system.sign_in(tenant, Role.TENANT_ADMIN)
            person.client.get("/admin/audit/export", status=200)
        with system.count_queries() as seen:
            admin.client.get("/admin/dashboard", status=200)
        counts.append(len(seen))
    assert len(set(counts)) == 1
