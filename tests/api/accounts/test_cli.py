"""``belgenet user`` against a real database."""

from typing import Any

import pytest
from click.testing import CliRunner, Result
from tests.api.accounts.helpers import PASSWORD, sign_in

from belgenet.cli.user import user


@pytest.fixture
def run(system: Any, tenant: Any, monkeypatch: Any) -> Any:
    """Run a command as an operator would, over the test's installation."""
    monkeypatch.setattr("belgenet.cli.user.registry_of", lambda _context, process: system.registry)

    def invoke(*words: str, stdin: str = f"{PASSWORD}\n") -> Result:
        return CliRunner().invoke(user, words, input=stdin)

    return invoke


def create(
    run: Any, *extra: str, email: str = "yonetici@example.org", role: str = "TENANT_ADMIN", **options: Any
) -> Result:
    words = ["create", "--email", email, "--role", role, "--name", "Kurum Yöneticisi", "--password-stdin", *extra]
    result: Result = run(*words, **options)
    return result


def test_an_administrator_is_made_and_signs_in(run: Any, app: Any, system: Any) -> None:
    result = create(run, "--tenant", "vakif")
    assert result.exit_code == 0, result.output
    assert "created yonetici@example.org" in result.output
    assert sign_in(app, "yonetici@example.org").json["account"]["roles"] == ["TENANT_ADMIN"]
    ((action, after),) = system.sql("SELECT action, after FROM audit_events WHERE action = 'user.create'")
    assert after == {"email": "yonetici@example.org", "roles": ["TENANT_ADMIN"]}
    assert action == "user.create"


def test_the_platforms_administrator_belongs_to_no_tenant(run: Any, system: Any) -> None:
    assert create(run, role="SUPER_ADMIN").exit_code == 0
    assert sign_in(system.client(None), "yonetici@example.org").json["account"]["roles"] == ["SUPER_ADMIN"]
    assert "yonetici@example.org\tSUPER_ADMIN\tactive" in run("list").output


def test_the_platforms_administrator_gets_a_new_password_on_the_command_line(run: Any, system: Any) -> None:
    create(run, role="SUPER_ADMIN")
    console = system.client(None)
    sign_in(console, "yonetici@example.org")
    new = "yepyeni bir parola 9"
    done = run("reset-password", "--email", "yonetici@example.org", "--password-stdin", stdin=f"{new}\n")
    assert done.exit_code == 0, done.output
    console.get("/me", status=401)
    sign_in(console, "yonetici@example.org", new)


def test_an_account_may_have_places_in_several_tenants(run: Any, app: Any, system: Any, other_tenant: Any) -> None:
    create(run, "--tenant", "vakif")
    assert create(run, "--tenant", "akademi", role="INSTRUCTOR", stdin="ignored for them\n").exit_code == 0
    assert sign_in(system.client(other_tenant), "yonetici@example.org").json["account"]["roles"] == ["INSTRUCTOR"]
    assert create(run, role="SUPER_ADMIN").exit_code == 0


def test_a_stranger_who_registered_the_e_mail_first_gets_nothing(run: Any, app: Any, system: Any) -> None:
    """Nobody verified it, so it may be a trap: the password that counts is the operator's."""
    theirs = "baskasinin parolasi 99"
    body = {"email": "yonetici@example.org", "password": theirs, "full_name": "Yabancı"}
    app.post("/auth/register", body, status=202)
    assert create(run, "--tenant", "vakif").exit_code == 0
    sign_in(app, "yonetici@example.org", theirs, status=401)
    account = sign_in(app, "yonetici@example.org").json["account"]
    assert (account["full_name"], account["roles"]) == ("Kurum Yöneticisi", ["TENANT_ADMIN"])


@pytest.mark.parametrize(
    ("extra", "options", "says"),
    [
        ([], {}, "a role belongs to a --tenant"),
        (["--tenant", "vakif"], {"role": "SUPER_ADMIN"}, "SUPER_ADMIN to none"),
        (["--tenant", "nowhere"], {}, "no tenant 'nowhere'"),
        (["--tenant", "vakif"], {"email": "no address"}, "email: not an e-mail address"),
        (["--tenant", "vakif"], {"stdin": "kisa\n"}, "at least 10 characters"),
        (["--tenant", "vakif"], {"stdin": "galatasaray1905\n"}, "very common"),
        (["--tenant", "vakif"], {"role": "GUEST"}, "GUEST"),
    ],
)
def test_mistakes_are_one_line(run: Any, system: Any, extra: list[str], options: dict[str, Any], says: str) -> None:
    result = create(run, *extra, **options)
    assert result.exit_code != 0
    assert says in result.output
    assert "Traceback" not in result.output
    assert system.sql("SELECT count(*) FROM accounts") == [(0,)]


def test_twice_is_an_error(run: Any) -> None:
    create(run, "--tenant", "vakif")
    again = create(run, "--tenant", "vakif")
    assert again.exit_code == 1
    assert "already a user here" in again.output


def test_a_password_is_replaced_and_sessions_end(run: Any, app: Any) -> None:
    create(run, "--tenant", "vakif")
    sign_in(app, "yonetici@example.org")
    new = "komut satirindan parola"
    result = run("reset-password", "--email", "Yonetici@example.org", "--password-stdin", stdin=f"{new}\n")
    assert result.exit_code == 0, result.output
    app.get("/me", status=401)
    app.token = None
    sign_in(app, "yonetici@example.org", new)


def test_a_lock_is_lifted(run: Any, app: Any) -> None:
    create(run, "--tenant", "vakif")
    for _ in range(9):
        sign_in(app, "yonetici@example.org", "something else entirely", status=None)
    assert run("unlock", "--email", "yonetici@example.org").exit_code == 0
    sign_in(app, "yonetici@example.org")


@pytest.mark.parametrize("command", ["unlock", "reset-password"])
@pytest.mark.parametrize("email", ["nobody@example.org", "no address"])
def test_who_is_not_there(run: Any, command: str, email: str) -> None:
    result = run(command, "--email", email)
    assert result.exit_code == 1
    assert f"no account for {email}" in result.output


def test_users_are_listed_without_guests(run: Any, app: Any) -> None:
    create(run, "--tenant", "vakif")
    app.post("/auth/guest", {"full_name": "Misafir", "email": "misafir@example.org"}, status=200)
    assert run("list", "--tenant", "vakif").output == "yonetici@example.org\tTENANT_ADMIN\tactive\tKurum Yöneticisi\n"
