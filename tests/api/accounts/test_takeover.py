"""Addresses that somebody else registers, or that wait for their owner: nobody profits from another's click."""

from typing import Any

import pytest
from tests.api.accounts.helpers import (
    EMAIL,
    NAME,
    PASSWORD,
    STRANGER,
    mails,
    open_account,
    register,
    sign_in,
    together,
    token_in,
    verify,
)

from belgenet.accounts.tasks import LINKS_PER_HOUR


def stranger_registers(app: Any, system: Any, **extra: Any) -> None:
    body = {"email": EMAIL, "password": STRANGER, "full_name": "Stranger", "phone": "0532 000 00 00", **extra}
    app.post("/auth/register", body, status=202)
    system.drain()


def test_a_strangers_later_registration_gets_nothing_from_the_owners_click(
    app: Any, system: Any, mail_sink: Any
) -> None:
    """Else a stranger who registers my address with their password could wait for me to open the link they caused."""
    register(app, system)
    stranger_registers(app, system)
    _, strangers = mails(mail_sink)
    answer = verify(app, strangers, status=400)
    assert [(e["field"], e["code"]) for e in answer.json["errors"]] == [("password", "not_the_registered_password")]
    assert system.sql("SELECT email_verified_at FROM accounts") == [(None,)]
    assert system.sql("SELECT count(*) FROM memberships") == [(0,)]
    sign_in(app, password=STRANGER, status=401)


@pytest.mark.parametrize("order", ["owner first", "stranger first"])
def test_the_owners_own_link_opens_the_owners_account_whoever_else_registered(
    app: Any, system: Any, mail_sink: Any, order: str
) -> None:
    steps = [lambda: register(app, system), lambda: stranger_registers(app, system)]
    for step in steps if order == "owner first" else reversed(steps):
        step()
    own, strangers = sorted(mails(mail_sink), key=lambda mail: "Stranger" in mail.body("plain"))
    verify(app, own)
    account = sign_in(app).json["account"]
    assert (account["full_name"], account["phone"]) == (NAME, None)
    sign_in(app, password=STRANGER, status=401)
    assert verify(app, strangers, STRANGER, status=400).json["code"] == "token_invalid"
    assert system.sql("SELECT count(*) FROM registration_attempts") == [(0,)]


def test_a_wrong_password_does_not_use_the_link_up(app: Any, system: Any, mail_sink: Any) -> None:
    register(app, system)
    (mail,) = mails(mail_sink)
    verify(app, mail, "something else entirely", status=400)
    app.post("/auth/verify-email", {"token": token_in(mail)}, status=400)
    verify(app, mail)


def test_setting_a_password_by_mail_voids_every_registration(app: Any, system: Any, mail_sink: Any) -> None:
    stranger_registers(app, system)
    app.post("/auth/password/forgot", {"email": EMAIL}, status=202)
    system.drain()
    strangers, reset = mails(mail_sink)
    app.post("/auth/password/reset", {"token": token_in(reset), "password": PASSWORD}, status=204)
    assert verify(app, strangers, STRANGER, status=400).json["code"] == "token_invalid"
    sign_in(app)


def test_who_signs_in_before_verifying_gets_the_link_of_their_own_registration(
    app: Any, system: Any, mail_sink: Any
) -> None:
    register(app, system)
    stranger_registers(app, system)
    sign_in(app, password=STRANGER, status=401)
    system.drain()
    own, _, again = mails(mail_sink)
    verify(app, again, status=400)
    verify(app, own)
    sign_in(app)


def test_attempts_of_a_taken_address_leave_nothing_behind(app: Any, system: Any, mail_sink: Any) -> None:
    open_account(app, system, mail_sink)
    stranger_registers(app, system)
    assert system.sql("SELECT count(*) FROM registration_attempts") == [(0,)]


def test_what_nobody_confirms_is_dropped_but_not_while_somebody_still_may(
    app: Any, system: Any, mail_sink: Any
) -> None:
    from belgenet.accounts import tasks

    def clean() -> list[tuple[int, int]]:
        with system.request(None) as request:
            tasks.purge(request)
        found: list[tuple[int, int]] = system.sql(
            "SELECT (SELECT count(*) FROM accounts), (SELECT count(*) FROM registration_attempts)"
        )
        return found

    stranger_registers(app, system)
    system.sql("UPDATE accounts SET created_at = now() - interval '15 days'")
    system.sql("UPDATE registration_attempts SET created_at = now() - interval '15 days'")
    register(app, system)
    assert clean() == [(1, 1)]
    verify(app, mails(mail_sink)[-1])
    system.sql("UPDATE accounts SET created_at = now() - interval '15 days'")
    assert clean() == [(1, 0)]


def test_two_links_at_once_make_the_account_of_one_attempt(app: Any, system: Any, tenant: Any, mail_sink: Any) -> None:
    words = [f"bir baska uzun parola {number}" for number in range(4)]
    for number, password in enumerate(words):
        body = {"email": EMAIL, "password": password, "full_name": f"Ayşe {'ABCD'[number]}"}
        app.post("/auth/register", body, status=202)
        system.drain()
    clients = [system.client(tenant) for _ in words]
    links = list(zip(clients, mails(mail_sink), words, strict=True))
    answers = together(*(lambda c=c, m=m, w=w: verify(c, m, w, status=None).status_int for c, m, w in links))
    assert sorted(answers) == [204, 400, 400, 400]
    winner = answers.index(204)
    for number, password in enumerate(words):
        answer = sign_in(app, password=password, status=200 if number == winner else 401)
        if number == winner:
            assert answer.json["account"]["full_name"] == f"Ayşe {'ABCD'[number]}"


def test_nobody_registers_into_an_invited_administrators_place(
    app: Any, system: Any, tenant: Any, mail_sink: Any
) -> None:
    """Else the invited person, opening a link they think is theirs, would open the place for whoever registered."""
    from belgenet.accounts.interfaces import AdministratorInviter

    with system.request(tenant) as request:
        request.service(AdministratorInviter)(request.db, tenant.id, email=EMAIL, locale="tr")
    register(app, system)
    (invited,) = mails(mail_sink)
    assert "/reset-password#token=" in invited.body("plain")
    assert invited.subject == "Vakif Kurumu: hesabınız için parola belirleyiniz"
    lives = system.sql("SELECT expires_at - now() > interval '1 day' FROM one_time_tokens")
    assert lives == [(True,)], "an invited person may be on holiday"
    sign_in(app, status=401)
    body = {"token": token_in(invited), "password": "benim kendi parolam 5"}
    app.post("/auth/password/reset", body, status=204)
    assert sign_in(app, password="benim kendi parolam 5").json["account"]["roles"] == ["TENANT_ADMIN"]


def test_who_registers_after_the_invitation_ran_out_is_invited_again(
    app: Any, system: Any, tenant: Any, mail_sink: Any
) -> None:
    from belgenet.accounts.interfaces import AdministratorInviter

    with system.request(tenant) as request:
        request.service(AdministratorInviter)(request.db, tenant.id, email=EMAIL, locale="tr")
    system.drain()
    system.sql("UPDATE one_time_tokens SET expires_at = now() - interval '1 second'")
    register(app, system)
    _, again = mails(mail_sink)
    body = {"token": token_in(again), "password": "benim kendi parolam 5"}
    app.post("/auth/password/reset", body, status=204)


@pytest.mark.parametrize("what", ["register", "forgot"])
def test_nobody_fills_a_mailbox_with_links_and_the_last_one_stays_good(
    app: Any, system: Any, tenant: Any, mail_sink: Any, what: str
) -> None:
    register(app, system)
    mail_sink.clear()
    for number in range(LINKS_PER_HOUR + 3):
        elsewhere = system.client(tenant)
        elsewhere.app.extra_environ["REMOTE_ADDR"] = f"192.0.2.{number + 1}"
        if what == "register":
            elsewhere.post("/auth/register", {"email": EMAIL, "password": PASSWORD, "full_name": NAME}, status=202)
        else:
            elsewhere.post("/auth/password/forgot", {"email": EMAIL}, status=202)
    system.sql("UPDATE outbox SET created_at = date_trunc('hour', now()) + interval '1 hour'")
    system.drain()
    sent = mails(mail_sink)
    assert len(sent) == LINKS_PER_HOUR
    if what == "register":
        verify(app, sent[-1])
    else:
        app.post("/auth/password/reset", {"token": token_in(sent[-1]), "password": "bambaska bir cumle 3"}, status=204)
