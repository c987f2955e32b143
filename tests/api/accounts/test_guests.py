"""Going on without an account, and what becomes of it."""

from typing import Any
from uuid import UUID

import pytest
from tests.api.accounts.helpers import EMAIL, mails, open_account, register, sign_in, together, verify

GUEST = {"full_name": "Ayşe Yılmaz", "email": EMAIL, "phone": "+90 532 123 45 67"}


@pytest.fixture
def merges(system: Any, monkeypatch: Any) -> list[tuple[UUID, UUID]]:
    """Hand-overs that a domain would have been told of."""
    seen: list[tuple[UUID, UUID]] = []

    def note(_session: Any, *, from_account: UUID, to_account: UUID) -> None:
        seen.append((from_account, to_account))

    monkeypatch.setitem(system.registry, "belgenet.account_mergers", [note])
    return seen


def guest(app: Any, **extra: Any) -> Any:
    answer = app.post("/auth/guest", {**GUEST, **extra}, status=200)
    app.token = answer.json["access_token"]
    return answer


def test_a_guest_has_an_ordinary_session(app: Any) -> None:
    answer = guest(app)
    account = answer.json["account"]
    assert account["is_guest"] is True
    assert account["email_verified"] is False
    assert account["roles"] == ["GUEST"]
    assert account["phone"] == "+905321234567"
    assert "order:place" in account["permissions"]
    assert app.get("/me", status=200).json == account
    assert app.app.cookies["bn_refresh"]


def test_each_visit_is_a_guest_of_its_own(app: Any, system: Any, tenant: Any) -> None:
    """An e-mail nobody proved must not open what somebody else ordered with it."""
    first, second = guest(app), guest(system.client(tenant))
    assert first.json["account"]["id"] != second.json["account"]["id"]


def test_a_guest_may_use_the_address_of_an_account_without_learning_of_it(
    app: Any, system: Any, mail_sink: Any
) -> None:
    unknown = guest(app)
    open_account(app, system, mail_sink, "baska@example.org")
    known = guest(app, email="baska@example.org")
    ignore = {"id", "email"}
    strip = [{k: v for k, v in answer.json["account"].items() if k not in ignore} for answer in (unknown, known)]
    assert strip[0] == strip[1]


def test_a_guests_things_go_to_who_proves_the_address(
    app: Any, system: Any, tenant: Any, mail_sink: Any, merges: list[tuple[UUID, UUID]]
) -> None:
    visits = [system.client(tenant) for _ in range(2)]
    guests = {UUID(guest(visit).json["account"]["id"]) for visit in visits}
    guest(system.client(tenant), email="baska@example.org")
    open_account(app, system, mail_sink)
    account = UUID(sign_in(app).json["account"]["id"])
    assert {pair[0] for pair in merges} == guests
    assert {pair[1] for pair in merges} == {account}
    for visit in visits:
        visit.get("/me", status=401)


def test_registering_alone_gives_nothing(app: Any, system: Any, merges: list[Any]) -> None:
    guest(app)
    register(app, system)
    sign_in(app, status=401)
    assert merges == []


def test_what_a_guest_orders_later_follows_at_the_next_sign_in(
    app: Any, system: Any, tenant: Any, mail_sink: Any, merges: list[tuple[UUID, UUID]]
) -> None:
    open_account(app, system, mail_sink)
    later = UUID(guest(system.client(tenant)).json["account"]["id"])
    assert merges == []
    sign_in(app)
    assert [pair[0] for pair in merges] == [later]
    sign_in(app)
    assert len(merges) == 1


def test_guests_of_another_tenant_stay_there(
    app: Any, system: Any, other_tenant: Any, mail_sink: Any, merges: list[Any]
) -> None:
    academy = system.client(other_tenant)
    guest(academy)
    open_account(app, system, mail_sink)
    sign_in(app)
    assert merges == []
    academy.get("/me", status=200)
    sign_in(system.client(other_tenant))
    assert len(merges) == 1


def test_a_failing_hand_over_undoes_all_of_it(
    app: Any, system: Any, mail_sink: Any, monkeypatch: Any, tenant: Any
) -> None:
    visit = system.client(tenant)
    guest(visit)

    def fail(_session: Any, **_: Any) -> None:
        raise RuntimeError("cannot")

    open_account(app, system, mail_sink, "baska@example.org")
    monkeypatch.setitem(system.registry, "belgenet.account_mergers", [fail])
    register(app, system)
    mail = mails(mail_sink)[-1]
    verify(app, mail, status=500)
    visit.get("/me", status=200)
    monkeypatch.setitem(system.registry, "belgenet.account_mergers", [])
    verify(app, mail)


def test_sign_ins_at_once_hand_over_once(app: Any, system: Any, tenant: Any, mail_sink: Any, merges: list[Any]) -> None:
    open_account(app, system, mail_sink)
    guest(system.client(tenant))
    clients = [system.client(tenant) for _ in range(4)]
    answers = together(*(lambda c=c: sign_in(c, status=None).status_int for c in clients))
    assert answers == [200] * 4
    assert len(merges) == 1


def test_a_guest_may_change_the_name_but_not_become_somebody(app: Any) -> None:
    guest(app)
    assert app.patch("/me", {"full_name": "Fatma Kaya"}, status=200).json["full_name"] == "Fatma Kaya"
    for change in ({"email": "x@example.org"}, {"is_guest": False}, {"roles": ["TENANT_ADMIN"]}):
        app.patch("/me", change, status=400)


@pytest.mark.parametrize(
    "change", [{"email": "x"}, {"full_name": "x"}, {"phone": "1"}, {"client": "toaster"}, {"password": "y" * 12}]
)
def test_bad_input_makes_no_guest(app: Any, system: Any, change: dict[str, Any]) -> None:
    app.post("/auth/guest", {**GUEST, **change}, status=400)
    assert system.sql("SELECT count(*) FROM accounts") == [(0,)]


def test_the_platform_has_no_guests(system: Any, tenant: Any) -> None:
    system.client(None).post("/auth/guest", GUEST, status=404)
