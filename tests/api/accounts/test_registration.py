"""From "I want an account" to the first sign-in."""

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
from tests.common.client import Client


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
        ({"full_name": "<script>alert(1)</script>"}, "full_name", "name_characters"),
        ({"full_name": "Ayşe\nBcc: x"}, "full_name", "name_characters"),
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
