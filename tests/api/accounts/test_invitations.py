"""The link that the server prints for the platform's administrator: good once, for a while, and out of the application's reach."""

from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError
from tests.api.accounts.helpers import PASSWORD, STRANGER, sign_in, together

from belgenet.cli.user import user

ROOT = "bilgiislem@example.org"
CHOSEN = "yesil-kapi-kirk-martı"
NAME = "Zeynep Işık"


@pytest.fixture
def invite(system: Any, monkeypatch: Any) -> Any:
    """Run ``belgenet user invite`` as an operator would; gives what it printed."""
    monkeypatch.setattr("belgenet.cli.user.registry_of", lambda _context, process: system.registry)

    def invoke(*words: str, email: str = ROOT) -> Result:
        result: Result = CliRunner().invoke(user, ["invite", "--email", email, *words])
        return result

    return invoke


def secret(printed: Result) -> str:
    assert printed.exit_code == 0, printed.output
    address, _, token = printed.output.strip().partition("#token=")
    assert address.endswith("/invitation")
    return token


def accept(client: Any, token: str, *, password: str = CHOSEN, status: int | None = 204) -> Any:
    body = {"token": token, "full_name": NAME, "password": password}
    return client.post("/auth/invitation", body, status=status)


def test_the_link_opens_the_console(invite: Any, system: Any, tenant: Any) -> None:
    console = system.client(None)
    sign_in(console, ROOT, CHOSEN, status=401)
    accept(console, secret(invite()))
    account = sign_in(console, ROOT, CHOSEN).json["account"]
    assert (account["full_name"], account["roles"]) == (NAME, ["SUPER_ADMIN"])


def test_it_is_good_once(invite: Any, system: Any, tenant: Any) -> None:
    console, token = system.client(None), None
    token = secret(invite())
    accept(console, token)
    assert accept(console, token, password=STRANGER + " 2", status=400).json["code"] == "token_invalid"
    sign_in(console, ROOT, CHOSEN)


def test_of_two_at_the_same_moment_one_is_served(invite: Any, system: Any, tenant: Any) -> None:
    token = secret(invite())
    passwords = [f"{CHOSEN}-{number}" for number in range(4)]
    answers = together(*[lambda p=p: accept(system.client(None), token, password=p, status=None) for p in passwords])
    assert sorted(answer.status_int for answer in answers) == [204, 400, 400, 400]
    (taken,) = [p for p, answer in zip(passwords, answers, strict=True) if answer.status_int == 204]
    sign_in(system.client(None), ROOT, taken)


def test_a_weak_password_does_not_use_it_up(invite: Any, system: Any, tenant: Any) -> None:
    console, token = system.client(None), secret(invite())
    refused = accept(console, token, password="1234567890", status=400)
    assert [item["field"] for item in refused.json["errors"]] == ["password"]
    accept(console, token)


def test_a_newer_link_makes_the_older_void_and_a_used_time_ends_it(invite: Any, system: Any, tenant: Any) -> None:
    old, new = secret(invite()), secret(invite())
    console = system.client(None)
    accept(console, old, status=400)
    system.sql("UPDATE platform_invitations SET expires_at = now() - interval '1 second'")
    accept(console, new, status=400)


def test_who_forgot_the_password_gets_in_again_and_other_sessions_end(invite: Any, system: Any, tenant: Any) -> None:
    console = system.client(None)
    accept(console, secret(invite()))
    sign_in(console, ROOT, CHOSEN)
    accept(system.client(None), secret(invite()), password=PASSWORD)
    console.get("/me", status=401)
    sign_in(console, ROOT, PASSWORD)


def test_an_account_that_a_stranger_registered_is_not_opened_with_the_strangers_password(
    invite: Any, system: Any, app: Any, tenant: Any
) -> None:
    app.post("/auth/register", {"email": ROOT, "password": STRANGER, "full_name": "Stranger"}, status=202)
    system.drain()
    token = secret(invite())
    sign_in(system.client(None), ROOT, STRANGER, status=401)
    accept(system.client(None), token)
    assert sign_in(system.client(None), ROOT, CHOSEN).json["account"]["full_name"] == NAME


def test_an_installation_that_has_an_administrator_makes_no_second_link(invite: Any, system: Any, tenant: Any) -> None:
    token = secret(invite("--unless-any"))
    assert "#token=" in invite("--unless-any").output, "nobody can sign in yet"
    token = secret(invite("--unless-any"))
    accept(system.client(None), token)
    again = invite("--unless-any", email="baskasi@example.org")
    assert again.exit_code == 0
    assert "#token=" not in again.output
    assert system.sql("SELECT count(*) FROM accounts") == [(1,)]


def test_no_tenants_door_takes_it(invite: Any, system: Any, app: Any, tenant: Any) -> None:
    accept(app, secret(invite()), status=404)


@pytest.mark.parametrize("token", ["", "x" * 201, "a b", "ğ", None, {"$ne": 1}])
def test_what_is_no_secret_is_refused(system: Any, tenant: Any, token: Any) -> None:
    accept(system.client(None), token, status=400)


def test_the_applications_role_neither_sees_nor_makes_links(invite: Any, system: Any, tenant: Any) -> None:
    secret(invite())
    engine = create_engine(system.settings.database.url.get_secret_value())
    statements = (
        "SELECT * FROM platform_invitations",
        "DELETE FROM platform_invitations",
        "UPDATE platform_invitations SET expires_at = now() + interval '9 days'",
        "INSERT INTO platform_invitations SELECT id, 'x', now() + interval '1 day', now() FROM accounts",
    )
    for statement in statements:
        with engine.connect() as connection, pytest.raises(DBAPIError, match="permission denied"):
            connection.execute(text(statement))
    engine.dispose()
