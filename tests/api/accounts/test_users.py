"""The tenant's members, for its administrator."""

from typing import Any

import pytest
from structlog.testing import capture_logs
from tests.api.accounts.helpers import change, open_account, sign_in, together
from tests.common.factories import make_person

from belgenet.core.security import Role

OTHERS = [Role.GUEST, Role.STUDENT, Role.DONOR, Role.INSTRUCTOR, Role.OPERATOR]


ADMIN = "Deniz Örnek"


@pytest.fixture
def admin(system: Any, tenant: Any) -> Any:
    found = system.sign_in(tenant, Role.TENANT_ADMIN)
    system.sql("UPDATE accounts SET full_name = :name", name=ADMIN)
    return found


def person(system: Any, tenant: Any, name: str, *roles: Role, email: str | None = None) -> str:
    """A member of that name; the account id."""
    return str(make_person(system, tenant, roles, email, name).account_id)


def names(answer: Any) -> list[str]:
    return [item["full_name"] for item in answer.json["items"]]


def test_members_newest_first_without_guests(admin: Any, system: Any, tenant: Any) -> None:
    person(system, tenant, "Birinci Kişi")
    person(system, tenant, "Misafir Kişi", Role.GUEST)
    person(system, tenant, "İkinci Kişi")
    assert names(admin.client.get("/admin/users", status=200)) == ["İkinci Kişi", "Birinci Kişi", ADMIN]
    assert "Misafir Kişi" in names(admin.client.get("/admin/users?guests=true", status=200))
    assert names(admin.client.get("/admin/users?role=GUEST", status=200)) == ["Misafir Kişi"]
    assert names(admin.client.get("/admin/users?role=TENANT_ADMIN", status=200)) == [ADMIN]


@pytest.mark.parametrize(
    "q", ["çığır", "ÇIĞIR", "cigir", "Çığır", "ÇİĞİR", "ığdır", "IGDIR", "cigir igdir", "ığdır çığır", "nursin@x"]
)
def test_search_reads_turkish_letters_as_people_do(admin: Any, system: Any, tenant: Any, q: str) -> None:
    person(system, tenant, "Nurşin ÇIĞIR Iğdırlı", email="nursin@xample.org")
    person(system, tenant, "Başka Biri")
    assert names(admin.client.app.get("/api/v1/admin/users", {"q": q}, headers=_headers(admin))) == [
        "Nurşin ÇIĞIR Iğdırlı"
    ]


def _headers(person: Any) -> dict[str, str]:
    return {"Authorization": f"Bearer {person.client.token}", "Host": person.client.host}


@pytest.mark.parametrize("q", ["%", "_", "/", "\\", "'; DROP TABLE accounts; --", "a%b", "(", "\u202e", "x" * 200])
def test_signs_in_a_search_stand_for_themselves(admin: Any, system: Any, tenant: Any, q: str) -> None:
    person(system, tenant, "Sıradan Kişi")
    assert names(admin.client.app.get("/api/v1/admin/users", {"q": q}, headers=_headers(admin))) == []


def test_percent_in_a_name_is_found_by_percent(admin: Any, system: Any, tenant: Any) -> None:
    person(system, tenant, "Yüzde 100% Kişi")
    assert names(admin.client.get("/admin/users?q=%25", status=200)) == ["Yüzde 100% Kişi"]


def test_pages_follow_each_other_without_gap_or_repeat(admin: Any, system: Any, tenant: Any) -> None:
    for number in range(7):
        person(system, tenant, f"Kişi {number}")
    seen, cursor = [], ""
    while cursor is not None:
        answer = admin.client.get(f"/admin/users?limit=3{cursor}", status=200)
        seen += names(answer)
        cursor = f"&cursor={answer.json['next']}" if answer.json["next"] else None
    assert seen == [*(f"Kişi {number}" for number in reversed(range(7))), ADMIN]


def test_a_page_costs_the_same_however_many_members_there_are(admin: Any, system: Any, tenant: Any) -> None:
    def cost() -> int:
        with system.count_queries() as seen:
            admin.client.get("/admin/users", status=200)
        return len(seen)

    cost()
    before = cost()
    for number in range(10):
        person(system, tenant, f"Kişi {number}")
    assert cost() == before <= 3


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=201",
        "limit=x",
        "cursor=!!",
        "cursor=eyJ9",
        "role=EMPEROR",
        "guests=perhaps",
        "x=1",
        f"q={'a' * 201}",
    ],
)
def test_bad_filters_are_refused(admin: Any, query: str) -> None:
    admin.client.get(f"/admin/users?{query}", status=400)


def test_members_of_another_tenant_do_not_exist(admin: Any, system: Any, other_tenant: Any) -> None:
    stranger = person(system, other_tenant, "Öteki Kişi")
    assert "Öteki Kişi" not in names(admin.client.get("/admin/users?guests=true"))
    admin.client.get(f"/admin/users/{stranger}", status=404)
    change(admin.client, stranger, {"disabled": True}, status=404)


@pytest.mark.parametrize("role", OTHERS)
def test_only_administrators_see_and_change_members(system: Any, tenant: Any, role: Role) -> None:
    someone = person(system, tenant, "Bir Kişi")
    client = system.sign_in(tenant, role).client
    client.get("/admin/users", status=403)
    client.get(f"/admin/users/{someone}", status=403)
    change(client, someone, {"roles": ["TENANT_ADMIN"]}, status=403)
    system.client(tenant).get("/admin/users", status=401)


def test_roles_are_given_and_recorded(admin: Any, system: Any, tenant: Any) -> None:
    someone = person(system, tenant, "Bir Kişi")
    body = {"roles": ["OPERATOR", "DONOR", "OPERATOR"]}
    answer = change(admin.client, someone, body, status=200)
    assert answer.json["roles"] == ["DONOR", "OPERATOR"]
    ((before, after, actor),) = system.sql(
        "SELECT before, after, actor_id FROM audit_events WHERE action = 'user.update'"
    )
    assert (before, after, actor) == ({"roles": ["DONOR"]}, {"roles": ["DONOR", "OPERATOR"]}, admin.account_id)


def test_changing_nothing_is_not_recorded(admin: Any, system: Any, tenant: Any) -> None:
    someone = person(system, tenant, "Bir Kişi")
    change(admin.client, someone, {"full_name": "Bir Kişi", "disabled": False, "roles": ["DONOR"]}, status=200)
    change(admin.client, someone, {}, status=200)
    assert system.sql("SELECT count(*) FROM audit_events") == [(0,)]


@pytest.mark.parametrize(
    "roles", [["SUPER_ADMIN"], ["GUEST"], ["DONOR", "SUPER_ADMIN"], [], ["EMPEROR"], "DONOR", [1], None]
)
def test_roles_that_are_not_a_tenants_to_give(admin: Any, system: Any, tenant: Any, roles: Any) -> None:
    someone = person(system, tenant, "Bir Kişi")
    change(admin.client, someone, {"roles": roles}, status=400)
    assert admin.client.get(f"/admin/users/{someone}").json["roles"] == ["DONOR"]


def test_a_guest_stays_a_guest(admin: Any, system: Any, tenant: Any) -> None:
    someone = person(system, tenant, "Misafir Kişi", Role.GUEST)
    answer = change(admin.client, someone, {"roles": ["TENANT_ADMIN"]}, status=400)
    assert answer.json["errors"][0]["code"] == "role_not_grantable"


def test_shutting_out_ends_sessions_here_and_only_here(admin: Any, system: Any, tenant: Any, other_tenant: Any) -> None:
    from belgenet.accounts.models import Account
    from belgenet.accounts.services.people import People
    from belgenet.accounts.services.sessions import Device, Sessions

    someone = system.sign_in(tenant, Role.DONOR)
    with system.request(other_tenant) as request:
        People(request.db, other_tenant).join(request.db.get_one(Account, someone.account_id), other_tenant)
        opened = Sessions(request.db, other_tenant.id, request.settings.security).open(
            someone.account_id, Device("native", "", None)
        )
        token = system.registry["belgenet.access_tokens"].issue(someone.account_id, other_tenant.id, opened.row.id)
    academy = system.client(other_tenant, token)
    academy.get("/me", status=200)
    assert change(admin.client, someone.account_id, {"disabled": True}, status=200).json["disabled"] is True
    someone.client.get("/me", status=401)
    academy.get("/me", status=200)
    change(admin.client, someone.account_id, {"disabled": False}, status=200)
    someone.client.get("/me", status=401)


def test_a_change_names_the_version_it_changes(admin: Any, system: Any, tenant: Any) -> None:
    someone = person(system, tenant, "Bir Kişi")
    read = admin.client.get(f"/admin/users/{someone}", status=200)
    assert (read.headers["ETag"], read.json["version"]) == ('"v1"', 1)
    path, body = f"/admin/users/{someone}", {"full_name": "Başka Ad"}
    assert admin.client.patch(path, body, status=428).json["code"] == "version_required"
    first = change(admin.client, someone, body, '"v1"', status=200)
    assert (first.headers["ETag"], first.json["version"]) == ('"v2"', 2)
    late = change(admin.client, someone, {"roles": ["OPERATOR"]}, '"v1"', status=412)
    assert late.json["code"] == "version_mismatch"
    assert admin.client.get(path).json["roles"] == ["DONOR"]


def test_signing_in_makes_no_new_version(admin: Any, app: Any, system: Any, mail_sink: Any) -> None:
    open_account(app, system, mail_sink)
    versions = [sign_in(app) and admin.client.get("/admin/users?q=ayse").json["items"][0]["version"] for _ in range(2)]
    assert versions == [1, 1]


def test_of_two_changes_at_once_one_is_told(admin: Any, system: Any, tenant: Any) -> None:
    someone = person(system, tenant, "Bir Kişi")
    other = system.sign_in(tenant, Role.TENANT_ADMIN)
    bodies = [{"full_name": f"Ad {letter}"} for letter in "ABCD"]
    clients = [admin.client, other.client] * 2
    calls = [lambda c=c, b=b: change(c, someone, b, '"v1"').status_int for c, b in zip(clients, bodies, strict=True)]
    with capture_logs() as told:
        assert sorted(together(*calls)) == [200, 412, 412, 412]
    assert [entry["event"] for entry in told if entry["log_level"] == "error"] == [], (
        "who is asked again has not failed"
    )


class TestLastAdministrator:
    """A tenant always keeps somebody who can undo things."""

    @pytest.fixture(autouse=True)
    def _with_passwords(self, admin: Any, system: Any) -> None:
        system.sql("UPDATE accounts SET password_hash = 'x' WHERE NOT is_guest")

    @pytest.mark.parametrize("body", [{"roles": ["DONOR"]}, {"disabled": True}])
    def test_stays(self, admin: Any, body: dict[str, Any]) -> None:
        answer = change(admin.client, admin.account_id, body, status=409)
        assert answer.json["code"] == "last_administrator"
        admin.client.get("/admin/users", status=200)

    def test_may_go_when_there_is_another(self, admin: Any, system: Any, tenant: Any) -> None:
        person(system, tenant, "Öteki Yönetici", Role.TENANT_ADMIN)
        system.sql("UPDATE accounts SET password_hash = 'x'")
        change(admin.client, admin.account_id, {"roles": ["DONOR"]}, status=200)
        admin.client.get("/admin/users", status=403)

    def test_another_who_cannot_sign_in_does_not_count(self, admin: Any, system: Any, tenant: Any) -> None:
        other = person(system, tenant, "Öteki Yönetici", Role.TENANT_ADMIN)
        system.sql("UPDATE accounts SET password_hash = 'x', disabled_at = now() WHERE id = :id", id=other)
        change(admin.client, admin.account_id, {"disabled": True}, status=409)

    def test_two_who_remove_each_other_do_not_both_succeed(self, admin: Any, system: Any, tenant: Any) -> None:
        other = system.sign_in(tenant, Role.TENANT_ADMIN)
        system.sql("UPDATE accounts SET password_hash = 'x'")
        for _ in range(5):
            pairs = [(admin, other), (other, admin)]
            answers = together(
                *(lambda a=a, b=b: change(a.client, b.account_id, {"roles": ["DONOR"]}).status_int for a, b in pairs)
            )
            assert sorted(answers) in ([200, 403], [200, 409]), answers
            system.sql("UPDATE memberships SET roles = '{TENANT_ADMIN}'")
