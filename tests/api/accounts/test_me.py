"""One's own account."""

from typing import Any

import pytest
from tests.api.accounts.helpers import change

from belgenet.core.security import Role


@pytest.fixture
def donor(system: Any, tenant: Any) -> Any:
    return system.sign_in(tenant, Role.DONOR)


def test_i_see_what_i_may_do(donor: Any) -> None:
    me = donor.client.get("/me", status=200).json
    assert me["id"] == str(donor.account_id)
    assert me["roles"] == ["DONOR"]
    assert me["permissions"] == sorted(me["permissions"])


def test_i_change_name_phone_and_language(donor: Any, system: Any) -> None:
    body = {"full_name": "İnci Ağaoğlu", "phone": "+49 30 1234567", "locale": "en"}
    me = donor.client.patch("/me", body, status=200).json
    assert (me["full_name"], me["phone"], me["locale"]) == ("İnci Ağaoğlu", "+49301234567", "en")
    assert donor.client.patch("/me", {"phone": None}, status=200).json["phone"] is None
    assert donor.client.patch("/me", {}, status=200).json["full_name"] == "İnci Ağaoğlu"
    assert system.sql("SELECT after FROM audit_events WHERE action = 'account.update' ORDER BY id") == [
        ({"fields": ["full_name", "locale", "phone"]},),
        ({"fields": ["phone"]},),
    ]


def test_null_is_no_name(donor: Any) -> None:
    for name in ("full_name", "locale"):
        (finding,) = donor.client.patch("/me", {name: None}, status=400).json["errors"]
        assert (finding["field"], finding["code"]) == (name, "null_not_allowed")


@pytest.mark.parametrize(
    "name", ["x", "a" * 201, "<b>Ayşe</b>", "Ayşe\x00", "Ayşe\r\nBcc: a@b.c", "", "   ", ["Ayşe"], {"a": 1}]
)
def test_odd_names_are_refused(donor: Any, name: Any) -> None:
    donor.client.patch("/me", {"full_name": name}, status=400)


@pytest.mark.parametrize("name", ["محمد عبد الله", "O'Neil-Ağa Şükrü", "李小龍", "a" * 200, "Nguyễn Thị Ánh"])
def test_real_names_are_kept_as_written(donor: Any, name: str) -> None:
    assert donor.client.patch("/me", {"full_name": name}, status=200).json["full_name"] == name


def test_my_own_name_beats_the_administrators(donor: Any, system: Any, tenant: Any) -> None:
    admin = system.sign_in(tenant, Role.TENANT_ADMIN).client
    change(admin, donor.account_id, {"full_name": "Bay Deniz"}, status=200)
    assert donor.client.get("/me").json["full_name"] == "Bay Deniz"
    donor.client.patch("/me", {"full_name": "Deniz Hanım"}, status=200)
    assert admin.get(f"/admin/users/{donor.account_id}").json["full_name"] == "Deniz Hanım"


def test_other_domains_see_members_of_their_tenant_only(
    donor: Any, system: Any, tenant: Any, other_tenant: Any
) -> None:
    from belgenet.accounts.interfaces import AccountDirectory

    system.sql("UPDATE accounts SET full_name = 'Deniz ÖRNEK'")
    with system.request(tenant) as request:
        found = request.service(AccountDirectory).get(donor.account_id)
        assert (found.id, found.email, found.is_guest) == (donor.account_id, donor.email, False)
        assert request.service(AccountDirectory).search("DENIZ örnek") == [donor.account_id]
    with system.request(other_tenant) as request:
        directory = request.service(AccountDirectory)
        assert directory.get(donor.account_id) is None
        assert directory.many([donor.account_id]) == {}
        assert directory.search("deniz") == []


def test_many_people_are_one_query(system: Any, tenant: Any) -> None:
    from belgenet.accounts.interfaces import AccountDirectory

    people = [system.sign_in(tenant, Role.DONOR).account_id for _ in range(5)]
    with system.request(tenant) as request:
        directory = request.service(AccountDirectory)
        directory.get(people[0])
        with system.count_queries() as seen:
            assert set(directory.many(people)) == set(people)
            assert directory.many([]) == {}
        assert len(seen) == 1
