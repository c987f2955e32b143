"""Forgotten, reset and changed passwords."""

from typing import Any

import pytest
from tests.api.accounts.helpers import (
    EMAIL,
    PASSWORD,
    mails,
    open_account,
    register,
    sign_in,
    together,
    token_in,
    verify,
)

NEW = "uzun ve yeni bir cumle"


@pytest.fixture
def ayse(app: Any, system: Any, mail_sink: Any) -> Any:
    open_account(app, system, mail_sink)
    return app


def forgot(app: Any, system: Any, sink: Any, email: str = EMAIL) -> str:
    app.post("/auth/password/forgot", {"email": email}, status=202)
    system.drain()
    return token_in(mails(sink, email)[-1])


def test_a_forgotten_password_is_replaced_by_mail(ayse: Any, system: Any, mail_sink: Any, tenant: Any) -> None:
    sign_in(ayse)
    token = forgot(ayse, system, mail_sink)
    ayse.post("/auth/password/reset", {"token": token, "password": NEW}, status=204)
    ayse.get("/me", status=401)
    ayse.token = None
    sign_in(ayse, status=401)
    sign_in(ayse, password=NEW)
    system.drain()
    assert mails(mail_sink)[-1].subject == "Vakif Kurumu: your password was changed"


def test_sessions_at_other_tenants_end_too(ayse: Any, system: Any, mail_sink: Any, other_tenant: Any) -> None:
    academy = system.client(other_tenant)
    sign_in(academy)
    token = forgot(ayse, system, mail_sink)
    ayse.post("/auth/password/reset", {"token": token, "password": NEW}, status=204)
    academy.get("/me", status=401)


def test_asking_for_an_unknown_address_sends_nothing(ayse: Any, system: Any, mail_sink: Any) -> None:
    known = ayse.post("/auth/password/forgot", {"email": EMAIL}, status=202)
    unknown = ayse.post("/auth/password/forgot", {"email": "nobody@example.org"}, status=202)
    assert known.json == unknown.json == {}
    system.drain()
    assert mails(mail_sink, "nobody@example.org") == []
    assert len(mails(mail_sink)) == 2
    assert "nobody@example.org" not in str(system.sql("SELECT payload::text FROM outbox"))


def test_a_link_works_once(ayse: Any, system: Any, mail_sink: Any, tenant: Any) -> None:
    token = forgot(ayse, system, mail_sink)
    clients = [system.client(tenant) for _ in range(5)]
    body = {"token": token, "password": NEW}
    answers = together(*(lambda c=c: c.post("/auth/password/reset", body).status_int for c in clients))
    assert sorted(answers) == [204, 400, 400, 400, 400]


def test_a_weak_choice_does_not_use_the_link_up(ayse: Any, system: Any, mail_sink: Any) -> None:
    token = forgot(ayse, system, mail_sink)
    answer = ayse.post("/auth/password/reset", {"token": token, "password": "1234567890"}, status=400)
    assert answer.json["code"] == "password_too_weak"
    ayse.post("/auth/password/reset", {"token": token, "password": NEW}, status=204)


def test_only_the_newest_link_works(ayse: Any, system: Any, mail_sink: Any) -> None:
    first, second = forgot(ayse, system, mail_sink), forgot(ayse, system, mail_sink)
    ayse.post("/auth/password/reset", {"token": first, "password": NEW}, status=400)
    ayse.post("/auth/password/reset", {"token": second, "password": NEW}, status=204)


def test_a_link_is_for_one_purpose(app: Any, system: Any, mail_sink: Any) -> None:
    register(app, system)
    link = token_in(mails(mail_sink)[-1])
    app.post("/auth/password/reset", {"token": link, "password": NEW}, status=400)
    reset = forgot(app, system, mail_sink)
    app.post("/auth/verify-email", {"token": reset, "password": PASSWORD}, status=400)


def test_the_link_also_proves_the_address_and_lifts_a_lock(app: Any, system: Any, mail_sink: Any) -> None:
    register(app, system)
    for _ in range(9):
        sign_in(app, password="something else entirely", status=None)
    token = forgot(app, system, mail_sink)
    app.post("/auth/password/reset", {"token": token, "password": NEW}, status=204)
    assert sign_in(app, password=NEW).json["account"]["email_verified"] is True


def test_a_shut_account_gets_no_link(ayse: Any, system: Any, mail_sink: Any) -> None:
    system.sql("UPDATE accounts SET disabled_at = now()")
    ayse.post("/auth/password/forgot", {"email": EMAIL}, status=202)
    system.drain()
    assert len(mails(mail_sink)) == 1


def test_a_link_does_not_open_an_account_that_was_shut_meanwhile(ayse: Any, system: Any, mail_sink: Any) -> None:
    token = forgot(ayse, system, mail_sink)
    system.sql("UPDATE accounts SET disabled_at = now()")
    answer = ayse.post("/auth/password/reset", {"token": token, "password": NEW}, status=403)
    assert answer.json["code"] == "account_disabled"
    ayse.token = None
    system.sql("UPDATE accounts SET disabled_at = NULL")
    sign_in(ayse)


def test_change_by_the_old_password_keeps_this_session_only(
    ayse: Any, system: Any, tenant: Any, mail_sink: Any
) -> None:
    phone = system.client(tenant)
    sign_in(phone)
    sign_in(ayse)
    ayse.patch("/me/password", {"current_password": PASSWORD, "new_password": NEW}, status=204)
    ayse.get("/me", status=200)
    phone.get("/me", status=401)
    sign_in(system.client(tenant), password=NEW)
    system.drain()
    assert "changed" in mails(mail_sink)[-1].subject or "değiştirildi" in mails(mail_sink)[-1].subject
    assert system.sql("SELECT action FROM audit_events WHERE action LIKE 'account.password%'") == [
        ("account.password_change",)
    ]


def test_the_old_password_is_asked_for_and_guesses_are_counted(ayse: Any) -> None:
    sign_in(ayse)
    for _ in range(8):
        answer = ayse.patch("/me/password", {"current_password": "not this one", "new_password": NEW}, status=400)
        assert answer.json["errors"][0] | {"message": ""} == {
            "field": "current_password",
            "code": "wrong_password",
            "message": "",
        }
    answer = ayse.patch("/me/password", {"current_password": PASSWORD, "new_password": NEW}, status=429)
    assert answer.json["code"] == "account_locked"


def test_a_weak_new_password_is_refused_at_its_field(ayse: Any) -> None:
    sign_in(ayse)
    answer = ayse.patch("/me/password", {"current_password": PASSWORD, "new_password": "ayse@example.org"}, status=400)
    assert answer.json["errors"][0]["field"] == "new_password"
    assert answer.json["errors"][0]["code"] == "password_personal"


def test_a_guest_has_no_password_to_change(app: Any) -> None:
    app.token = app.post("/auth/guest", {"full_name": "Ali Veli", "email": "ali@example.org"}).json["access_token"]
    app.patch("/me/password", {"current_password": "anything", "new_password": NEW}, status=403)


def test_blanks_belong_to_a_password(app: Any, system: Any, mail_sink: Any) -> None:
    body = {"email": EMAIL, "password": "  iki bosluk once  ", "full_name": " Ayşe  "}
    app.post("/auth/register", body, status=202)
    system.drain()
    verify(app, mails(mail_sink)[-1], "iki bosluk once", status=400)
    verify(app, mails(mail_sink)[-1], "  iki bosluk once  ")
    sign_in(app, password="iki bosluk once", status=401)
    assert sign_in(app, password="  iki bosluk once  ").json["account"]["full_name"] == "Ayşe"


def test_a_sign_in_under_way_does_not_outlive_a_reset(ayse: Any, system: Any, tenant: Any, mail_sink: Any) -> None:
    """Whoever checks the old password while it is being replaced is signed out by the replacement."""
    for number in range(4):
        old, new = (PASSWORD, NEW) if number % 2 == 0 else (NEW, PASSWORD)
        token = forgot(ayse, system, mail_sink)
        thief = [system.client(tenant) for _ in range(3)]
        together(
            *(lambda c=c, p=old: sign_in(c, password=p, status=None) for c in thief),
            lambda t=token, p=new: ayse.post("/auth/password/reset", {"token": t, "password": p}, status=204),
        )
        for client in thief:
            assert client.token is None or client.get("/me").status_int == 401
        system.sql("DELETE FROM sign_in_failures")


def test_a_reset_forgets_what_a_stranger_said_of_the_owner(app: Any, system: Any, mail_sink: Any) -> None:
    """Else the owner, setting a password by mail, would go about under the stranger's name and telephone."""
    register(app, system, full_name="Stranger Danger", phone="0532 000 00 00")
    token = forgot(app, system, mail_sink)
    app.post("/auth/password/reset", {"token": token, "password": NEW}, status=204)
    account = sign_in(app, password=NEW).json["account"]
    assert (account["full_name"], account["phone"]) == ("ayse", None)


def test_a_reset_keeps_what_the_owner_said(ayse: Any, system: Any, mail_sink: Any) -> None:
    token = forgot(ayse, system, mail_sink)
    ayse.post("/auth/password/reset", {"token": token, "password": NEW}, status=204)
    assert sign_in(ayse, password=NEW).json["account"]["full_name"] == "Ayşe Yılmaz"
