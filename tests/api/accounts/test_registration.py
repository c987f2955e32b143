"""From "I want an account" to the first sign-in."""

from typing import Any

import pytest
from tests.api.accounts.helpers import (
    EMAIL,
    NAME,
    PASSWORD,
    mails,
    open_account,
    register,
    sign_in,
    together,
    token_in,
    verify,
)
from tests.common.client import Client

from belgenet.accounts.tasks import LINKS_PER_HOUR


def test_register_verify_sign_in(app: Any, system: Any, mail_sink: Any) -> None:
    register(app, system, phone="0532 123 45 67", locale="tr")
    (mail,) = mails(mail_sink)
    assert mail.subject == "Vakif Kurumu: e-posta adresinizi doğrulayınız"
    assert "https://vakif.localhost/verify-email#token=" in mail.body("plain")
    verify(app, mail)
    account = sign_in(app).json["account"]
    assert account == {
        "id": account["id"],
        "email": EMAIL,
        "full_name": NAME,
        "phone": "+905321234567",
        "locale": "tr",
        "is_guest": False,
        "email_verified": True,
        "roles": ["DONOR"],
        "permissions": account["permissions"],
    }
    assert "order:place" in account["permissions"]
    assert "user:read" not in account["permissions"]


def test_a_newcomer_at_an_academy_is_a_student(system: Any, other_tenant: Any, mail_sink: Any) -> None:
    app = system.client(other_tenant)
    open_account(app, system, mail_sink)
    assert sign_in(app).json["account"]["roles"] == ["STUDENT"]


def test_mail_is_in_the_language_asked_for(app: Any, system: Any, mail_sink: Any) -> None:
    register(app, system, locale="en")
    (mail,) = mails(mail_sink)
    assert mail.subject == "Vakif Kurumu: verify your e-mail address"
    assert mail.message["Content-Language"] == "en"


def test_nobody_signs_in_before_verifying_and_gets_a_new_link(app: Any, system: Any, mail_sink: Any) -> None:
    register(app, system)
    answer = sign_in(app, status=401)
    assert answer.json["code"] == "invalid_credentials"
    system.drain()
    first, second = mails(mail_sink)
    verify(app, first, status=400)
    verify(app, second)
    sign_in(app)


def test_registering_and_signing_in_does_not_tell_which_addresses_have_an_account(
    app: Any, system: Any, mail_sink: Any
) -> None:
    open_account(app, system, mail_sink, "taken@example.org")
    told = []
    for email in ("taken@example.org", "free@example.org"):
        app.post("/auth/register", {"email": email, "password": STRANGER, "full_name": NAME}, status=202)
        told.append(sign_in(app, email, STRANGER, status=401).json | {"request_id": "", "instance": ""})
    assert told[0] == told[1]


def test_asking_for_links_by_signing_in_does_not_fill_the_mailbox(app: Any, system: Any, mail_sink: Any) -> None:
    register(app, system)
    for _ in range(4):
        sign_in(app, status=401)
    system.drain()
    assert len(mails(mail_sink)) <= 3, (
        "one for registering, one or (at the turn of a ten minutes' slot) two for signing in"
    )


STRANGER = "the stranger's words"


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


def test_registering_a_verified_account_changes_nothing_but_tells_its_owner(
    app: Any, system: Any, mail_sink: Any
) -> None:
    open_account(app, system, mail_sink)
    for _ in range(3):
        app.post(
            "/auth/register", {"email": EMAIL, "password": "the stranger's words", "full_name": "Stranger"}, status=202
        )
    system.drain()
    _, exists = mails(mail_sink)
    assert exists.subject == "Vakif Kurumu: you already have an account", "one an hour, in the language of the request"
    assert "Stranger" not in exists.body("plain")
    sign_in(app, password="the stranger's words", status=401)
    assert sign_in(app).json["account"]["full_name"] == NAME


def test_one_account_joins_a_second_tenant_by_signing_in(
    app: Any, system: Any, other_tenant: Any, mail_sink: Any
) -> None:
    open_account(app, system, mail_sink)
    academy = system.client(other_tenant)
    register(academy, system)
    assert "Akademi Kurumu" in mails(mail_sink)[-1].subject
    answer = sign_in(academy)
    assert answer.json["account"]["roles"] == ["STUDENT"]
    assert sign_in(app).json["account"]["roles"] == ["DONOR"]
    assert system.sql("SELECT count(*) FROM accounts") == [(1,)]
    assert system.sql("SELECT count(*) FROM memberships") == [(2,)]


def test_a_token_of_one_tenant_is_worthless_at_another(
    app: Any, system: Any, other_tenant: Any, mail_sink: Any
) -> None:
    open_account(app, system, mail_sink)
    sign_in(app)
    academy = system.client(other_tenant, app.token)
    academy.get("/me", status=401)


def test_a_link_works_once_even_for_two_at_the_same_moment(app: Any, system: Any, tenant: Any, mail_sink: Any) -> None:
    register(app, system)
    (mail,) = mails(mail_sink)
    clients = [system.client(tenant) for _ in range(6)]
    answers = together(*(lambda c=c: verify(c, mail, status=None).status_int for c in clients))
    assert sorted(answers) == [204, 400, 400, 400, 400, 400]


def test_many_registrations_of_one_address_at_once_make_one_account(app: Any, system: Any, tenant: Any) -> None:
    body = {"email": EMAIL, "password": PASSWORD, "full_name": NAME}
    clients = [system.client(tenant) for _ in range(6)]
    answers = together(*(lambda c=c: c.post("/auth/register", body).status_int for c in clients))
    assert answers == [202] * 6
    assert system.sql("SELECT count(*) FROM accounts") == [(1,)]


def test_an_old_link_is_refused(app: Any, system: Any, mail_sink: Any) -> None:
    register(app, system)
    system.sql("UPDATE registration_attempts SET expires_at = now() - interval '1 second'")
    assert verify(app, mails(mail_sink)[0], status=400).json["code"] == "token_invalid"


def test_secrets_are_nowhere_in_the_database(app: Any, system: Any, mail_sink: Any) -> None:
    register(app, system)
    token = token_in(mails(mail_sink)[0])
    for (table,) in system.sql("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"):
        rows = system.sql(f"SELECT t::text FROM {table} t") if table != "alembic_version" else []
        assert not [row for row in rows if token in row[0] or PASSWORD in row[0]], table


def test_a_closed_tenant_takes_no_newcomers(system: Any, mail_sink: Any, app: Any, other_tenant: Any) -> None:
    open_account(app, system, mail_sink)
    system.sql("UPDATE tenants SET overrides = '{\"registration\": \"closed\"}' WHERE slug = 'akademi'")
    system.directory.forget()
    academy = system.client(other_tenant)
    body = {"email": "yeni@example.org", "password": PASSWORD, "full_name": NAME}
    assert academy.post("/auth/register", body, status=403).json["code"] == "registration_closed"
    assert sign_in(academy, status=403).json["code"] == "registration_closed"
    assert system.sql("SELECT count(*) FROM memberships WHERE tenant_id = :id", id=other_tenant.id) == [(0,)]


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"email": "no-address"}, "email", "email"),
        ({"email": "a@b@c.org"}, "email", "email"),
        ({"email": "x" * 300 + "@example.org"}, "email", "string_too_long"),
        ({"email": "ayse@example.org\r\nBcc: all@example.org"}, "email", "email"),
        ({"password": "kisa"}, "password", "string_too_short"),
        ({"password": "x" * 201}, "password", "string_too_long"),
        ({"password": "galatasaray1905"}, "password", "password_common"),
        ({"password": "Password1234!"}, "password", "password_common"),
        ({"password": "abababababab"}, "password", "password_pattern"),
        ({"password": "qwertyuiopqwe"}, "password", "password_pattern"),
        ({"password": "P@ssw0rd2024"}, "password", "password_common"),
        ({"password": "ayseyilmaz"}, "password", "password_personal"),
        ({"full_name": ""}, "full_name", "string_too_short"),
        ({"full_name": "<script>alert(1)</script>"}, "full_name", "string_pattern_mismatch"),
        ({"full_name": "Ayşe\nBcc: x"}, "full_name", "string_pattern_mismatch"),
        ({"full_name": 7}, "full_name", "string_type"),
        ({"phone": "abc"}, "phone", "phone"),
        ({"locale": "de"}, "locale", "literal_error"),
        ({"is_guest": True}, "is_guest", "extra_forbidden"),
        ({"roles": ["TENANT_ADMIN"]}, "roles", "extra_forbidden"),
    ],
)
def test_bad_input_is_named_field_by_field(
    app: Any, system: Any, change: dict[str, Any], field: str, code: str
) -> None:
    body = {"email": EMAIL, "password": PASSWORD, "full_name": NAME, **change}
    answer = app.post("/auth/register", body, status=400, headers={"Accept-Language": "tr"})
    assert answer.json["code"] in {"invalid_input", "password_too_weak"}
    (found,) = answer.json["errors"]
    assert (found["field"], found["code"]) == (field, code)
    assert found["message"] != f"field.{code}"
    assert system.sql("SELECT count(*) FROM accounts") == [(0,)]


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b"null", b'"x"', b"\xff\xfe", b'{"email": "\\u0000"}', b"[" * 5000])
def test_garbage_is_a_problem_not_a_fault(app: Any, raw: bytes) -> None:
    for path in ("/auth/register", "/auth/login", "/auth/guest", "/auth/verify-email", "/auth/password/reset"):
        answer = app.post(path, raw=raw, headers={"Content-Type": "application/json"})
        assert answer.status_int == 400, (path, answer.status_int)
        assert answer.content_type == "application/problem+json"


def test_a_form_post_from_elsewhere_is_refused(wsgi: Any, tenant: Any) -> None:
    answer = wsgi.post(
        "/api/v1/auth/login",
        {"email": EMAIL, "password": PASSWORD},
        headers={"Host": "vakif.localhost"},
        status=415,
    )
    assert answer.json["code"] == "unsupported_media_type"


def test_addresses_that_differ_in_case_are_one_person(app: Any, system: Any, mail_sink: Any) -> None:
    open_account(app, system, mail_sink, "Ayse@Example.ORG".lower())
    sign_in(app, "  AYSE@EXAMPLE.ORG ")


def test_names_of_all_scripts_survive_the_mail(app: Any, system: Any, mail_sink: Any) -> None:
    name = "Şükrü Iğdırlıoğlu عبد الله 李"
    register(app, system, full_name=name)
    (mail,) = mails(mail_sink)
    assert name in mail.body("plain")
    assert mail.message["To"].addresses[0].display_name == name
    assert isinstance(app, Client)


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
