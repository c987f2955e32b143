"""Signing in and out through the whole stack."""

from typing import Any

import pytest
from argon2 import Parameters, PasswordHasher, extract_parameters
from prometheus_client import REGISTRY
from tests.api.accounts.helpers import EMAIL, PASSWORD, open_account, register, sign_in, together

from belgenet.accounts import HASHER


@pytest.fixture
def ayse(app: Any, system: Any, mail_sink: Any) -> Any:
    """A client at a tenant where Ayşe has an account; nobody is signed in."""
    open_account(app, system, mail_sink)
    return app


def test_a_browser_gets_its_token_in_a_cookie_only(ayse: Any) -> None:
    answer = sign_in(ayse)
    assert answer.json["refresh_token"] is None
    assert answer.json["expires_in"] == 600
    cookies = {header.split("=")[0]: header for header in answer.headers.getall("Set-Cookie")}
    assert set(cookies) == {"bn_refresh", "bn_csrf"}
    assert "HttpOnly" in cookies["bn_refresh"]
    assert "Path=/api/v1/auth" in cookies["bn_refresh"]
    assert "HttpOnly" not in cookies["bn_csrf"]
    for header in cookies.values():
        assert "SameSite=Lax" in header
        assert "secure" in header.lower()
        assert "Domain" not in header
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_native_client_holds_its_token_itself(ayse: Any) -> None:
    answer = sign_in(ayse, client="native")
    assert len(answer.json["refresh_token"]) > 100
    assert "Set-Cookie" not in answer.headers


def test_wrong_password_and_unknown_address_are_one_answer(ayse: Any, system: Any) -> None:
    wrong = sign_in(ayse, password="something else entirely", status=401)
    unknown = sign_in(ayse, "nobody@example.org", status=401)
    no_address = sign_in(ayse, "not an address", status=401)
    strip = {"request_id"}
    bodies = [{k: v for k, v in answer.json.items() if k not in strip} for answer in (wrong, unknown, no_address)]
    assert bodies[0] == bodies[1] == bodies[2]
    assert bodies[0]["code"] == "invalid_credentials"


def test_an_operator_sees_how_signing_in_goes(ayse: Any) -> None:
    def count(outcome: str) -> float:
        return REGISTRY.get_sample_value("belgenet_sign_ins_total", {"outcome": outcome}) or 0

    before = count("done"), count("invalid_credentials")
    sign_in(ayse)
    sign_in(ayse, password="something else entirely", status=401)
    assert (count("done"), count("invalid_credentials")) == (before[0] + 1, before[1] + 1)


def statements(system: Any, call: Any) -> list[str]:
    with system.count_queries() as seen:
        call()
    return [" ".join(statement.split()) for statement in seen]


def test_refusals_do_the_same_work_for_known_and_unknown(ayse: Any, system: Any) -> None:
    known = statements(system, lambda: sign_in(ayse, password="something else entirely", status=401))
    unknown = statements(system, lambda: sign_in(ayse, "nobody@example.org", status=401))
    assert known == unknown


def test_registering_and_forgetting_do_the_same_work_for_known_and_unknown(ayse: Any, system: Any) -> None:
    def ask(email: str) -> None:
        ayse.post("/auth/register", {"email": email, "password": PASSWORD, "full_name": "Somebody"}, status=202)

    def forget(email: str) -> None:
        ayse.post("/auth/password/forgot", {"email": email}, status=202)

    for call in (ask, forget):
        assert statements(system, lambda c=call: c(EMAIL)) == statements(system, lambda c=call: c("nobody@example.org"))


class Watched:
    """The real argon2; remembers the costs of every hash it was asked to verify."""

    def __init__(self, argon2: PasswordHasher) -> None:
        self.argon2 = argon2
        self.costs: list[Parameters] = []

    def verify(self, password_hash: str, password: str) -> bool:
        self.costs.append(extract_parameters(password_hash))
        return self.argon2.verify(password_hash, password)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.argon2, name)


@pytest.mark.parametrize("email", [EMAIL, "nobody@example.org", "not an address", "davet@example.org"])
def test_every_refusal_costs_one_verification_of_the_same_price(
    ayse: Any, system: Any, monkeypatch: pytest.MonkeyPatch, email: str
) -> None:
    """Else the time of the answer would tell who has an account."""
    system.sql(
        "INSERT INTO accounts (id, email, full_name, locale, is_guest, platform_roles, sessions_since)"
        " VALUES (gen_random_uuid(), 'davet@example.org', 'Davetli', 'tr', false, '{}', now())"
    )
    hasher = system.registry[HASHER]
    watched = Watched(hasher._argon2)
    monkeypatch.setattr(hasher, "_argon2", watched)
    sign_in(ayse, email, "something else entirely", status=401)
    security = system.settings.security
    (cost,) = watched.costs
    assert (cost.time_cost, cost.memory_cost, cost.parallelism) == (
        security.argon2_time_cost,
        security.argon2_memory_kib,
        security.argon2_parallelism,
    )


def test_sign_out_ends_the_session_at_once(ayse: Any) -> None:
    sign_in(ayse)
    ayse.get("/me", status=200)
    answer = ayse.post("/auth/logout", status=204)
    assert all("Max-Age=0" in header for header in answer.headers.getall("Set-Cookie"))
    assert ayse.get("/me", status=401).json["code"] == "not_authenticated"


def test_sign_out_everywhere_reaches_other_devices_and_tenants(
    ayse: Any, system: Any, tenant: Any, other_tenant: Any
) -> None:
    phone, academy = system.client(tenant), system.client(other_tenant)
    for device in (ayse, phone, academy):
        sign_in(device)
    ayse.post("/auth/logout-all", status=204)
    for device in (ayse, phone, academy):
        device.get("/me", status=401)
    sign_in(phone)
    phone.get("/me", status=200)


def test_sign_in_with_another_persons_token_is_ignored(ayse: Any) -> None:
    ayse.token = "eyJhbGciOiJub25lIn0.e30."
    ayse.get("/me", status=401)
    sign_in(ayse)


@pytest.mark.parametrize("what", ["account", "membership"])
def test_who_was_shut_out_is_told_so_only_with_the_right_password(ayse: Any, system: Any, what: str) -> None:
    system.sql(f"UPDATE {what}s SET disabled_at = now()")
    assert sign_in(ayse, status=403).json["code"] == "account_disabled"
    assert sign_in(ayse, password="something else entirely", status=401).json["code"] == "invalid_credentials"


def test_who_is_shut_out_while_signed_in_is_out_with_the_next_request(ayse: Any, system: Any) -> None:
    sign_in(ayse)
    system.sql("UPDATE memberships SET disabled_at = now()")
    ayse.get("/me", status=401)


def test_a_change_of_roles_acts_at_once(ayse: Any, system: Any) -> None:
    sign_in(ayse)
    ayse.get("/admin/users", status=403)
    system.sql("UPDATE memberships SET roles = '{TENANT_ADMIN}'")
    ayse.get("/admin/users", status=200)


def test_a_role_this_version_does_not_know_gives_nothing(ayse: Any, system: Any) -> None:
    sign_in(ayse)
    system.sql("UPDATE memberships SET roles = '{EMPEROR}'")
    ayse.get("/me", status=401)


def test_identity_costs_one_statement(ayse: Any, system: Any) -> None:
    sign_in(ayse)
    ayse.get("/me", status=200)
    with system.count_queries() as seen:
        ayse.get("/me", status=200)
    asked = [statement for statement in seen if "set_config" not in statement]
    assert len(asked) <= 2, asked


class TestLock:
    """Guessing is stopped, known address or not."""

    def test_after_eight_wrong_passwords_even_the_right_one_waits(self, ayse: Any) -> None:
        for _ in range(8):
            sign_in(ayse, password="something else entirely", status=401)
        answer = sign_in(ayse, status=429)
        assert answer.json["code"] == "account_locked"
        assert 0 < int(answer.headers["Retry-After"]) <= 901
        assert "15 minutes" in answer.json["detail"]

    def test_an_unknown_address_is_locked_alike(self, ayse: Any) -> None:
        for _ in range(8):
            sign_in(ayse, "nobody@example.org", status=401)
        assert sign_in(ayse, "nobody@example.org", status=429).json["code"] == "account_locked"

    def test_the_owner_elsewhere_is_not_locked_out_by_a_stranger(self, ayse: Any, system: Any, tenant: Any) -> None:
        for _ in range(10):
            sign_in(ayse, password="something else entirely", status=None)
        home = system.client(tenant)
        home.app.extra_environ["REMOTE_ADDR"] = "127.0.0.77"
        sign_in(home)

    def test_guessing_from_many_places_is_stopped_too(self, ayse: Any, system: Any, tenant: Any) -> None:
        for number in range(41):
            ayse.app.extra_environ["REMOTE_ADDR"] = f"10.0.0.{number}"
            sign_in(ayse, password="something else entirely", status=None)
        ayse.app.extra_environ["REMOTE_ADDR"] = "10.0.1.1"
        assert sign_in(ayse, status=429).json["code"] == "account_locked"

    def test_signing_in_forgets_the_failures(self, ayse: Any, system: Any) -> None:
        for _ in range(7):
            sign_in(ayse, password="something else entirely", status=401)
        sign_in(ayse)
        assert system.sql("SELECT count(*) FROM sign_in_failures") == [(0,)]

    def test_the_lock_ends_by_itself(self, ayse: Any, system: Any) -> None:
        for _ in range(9):
            sign_in(ayse, password="something else entirely", status=None)
        system.sql("UPDATE sign_in_failures SET expires_at = now() - interval '1 second'")
        sign_in(ayse)

    def test_failures_survive_the_refusals_rollback(self, ayse: Any, system: Any) -> None:
        sign_in(ayse, password="something else entirely", status=401)
        assert system.sql("SELECT failures FROM sign_in_failures") == [(1,), (1,)]

    def test_a_burst_of_guesses_is_counted_as_it_comes(self, ayse: Any, system: Any, tenant: Any) -> None:
        clients = [system.client(tenant) for _ in range(8)]
        guesses = [
            lambda c=c, n=n: sign_in(c, password=f"guess number {n} of many", status=None).status_int
            for c in clients
            for n in range(2)
        ]
        answers = together(*guesses)
        assert answers.count(401) == 8
        assert answers.count(429) == 8

    def test_addresses_are_not_kept_in_the_clear(self, ayse: Any, system: Any) -> None:
        sign_in(ayse, "secret-person@example.org", status=401)
        assert not any("secret-person" in row[0] for row in system.sql("SELECT f::text FROM sign_in_failures f"))


def test_many_sign_ins_at_once_join_once(ayse: Any, system: Any, other_tenant: Any) -> None:
    clients = [system.client(other_tenant) for _ in range(5)]
    answers = together(*(lambda c=c: sign_in(c, status=None).status_int for c in clients))
    assert answers == [200] * 5
    assert system.sql("SELECT count(*) FROM memberships WHERE tenant_id = :id", id=other_tenant.id) == [(1,)]


def test_a_hash_of_old_costs_is_renewed(ayse: Any, system: Any) -> None:
    old = PasswordHasher(time_cost=2, memory_cost=512, parallelism=1).hash(PASSWORD)
    system.sql("UPDATE accounts SET password_hash = :hash", hash=old)
    sign_in(ayse)
    ((new,),) = system.sql("SELECT password_hash FROM accounts")
    assert "m=1024,t=1" in new
    sign_in(ayse)


def test_a_guest_account_with_the_address_is_not_the_account(app: Any, system: Any, mail_sink: Any) -> None:
    app.post("/auth/guest", {"full_name": "Ayşe", "email": EMAIL}, status=200)
    app.token = None
    sign_in(app, status=401)
    register(app, system)
    assert sign_in(app, status=401).json["code"] == "invalid_credentials"
    assert system.sql("SELECT count(*) FROM accounts WHERE email_verified_at IS NULL AND NOT is_guest") == [(1,)]
