"""Continuing a session: rotation, reuse, races, forgery."""

import base64
import secrets
from typing import Any

import pytest
from tests.api.accounts.helpers import open_account, refresh, sign_in, together

from belgenet.accounts.services.refresh_tokens import RefreshToken


@pytest.fixture
def ayse(app: Any, system: Any, mail_sink: Any) -> Any:
    """Ayşe, signed in with a browser."""
    open_account(app, system, mail_sink)
    sign_in(app)
    return app


@pytest.fixture
def native(ayse: Any) -> str:
    """The refresh token of a native session of Ayşe's."""
    token: str = sign_in(ayse, client="native").json["refresh_token"]
    ayse.app.cookiejar.clear()
    return token


def later(system: Any, seconds: int = 60) -> None:
    """As if that much time had passed since the last rotation."""
    system.sql(f"UPDATE refresh_sessions SET rotated_at = rotated_at - interval '{seconds} seconds'")


def spend(app: Any, token: str, status: int | None = 200) -> Any:
    return app.post("/auth/refresh", {"refresh_token": token}, status=status)


def test_a_browser_goes_on_with_its_cookie(ayse: Any) -> None:
    before = ayse.app.cookies["bn_refresh"]
    answer = refresh(ayse)
    assert answer.json["refresh_token"] is None
    assert answer.json["account"]["email"] == "ayse@example.org"
    assert ayse.app.cookies["bn_refresh"] != before
    ayse.token = answer.json["access_token"]
    ayse.get("/me", status=200)


def test_the_proof_stays_the_same_for_the_session(ayse: Any) -> None:
    before = ayse.app.cookies["bn_csrf"]
    refresh(ayse)
    assert ayse.app.cookies["bn_csrf"] == before


@pytest.mark.parametrize("headers", [{}, {"X-CSRF-Token": ""}, {"X-CSRF-Token": "0" * 32}, {"X-CSRF-Token": "ş"}])
def test_without_proof_nothing_happens(ayse: Any, system: Any, headers: dict[str, str]) -> None:
    before = system.sql("SELECT token_hash FROM refresh_sessions")
    headers = {name: value.encode().decode("latin-1") for name, value in headers.items()}
    assert ayse.post("/auth/refresh", {}, headers=headers, status=403).json["code"] == "csrf_failed"
    assert system.sql("SELECT token_hash FROM refresh_sessions") == before
    refresh(ayse)


def test_a_proof_planted_from_a_neighbouring_host_does_not_pass(ayse: Any) -> None:
    ayse.app.set_cookie("bn_csrf", "f" * 32)
    assert ayse.post("/auth/refresh", {}, headers={"X-CSRF-Token": "f" * 32}, status=403).json["code"] == "csrf_failed"


def test_no_cookie_no_session(app: Any) -> None:
    assert app.post("/auth/refresh", {}, status=401).json["code"] == "session_expired"
    assert app.post("/auth/refresh", raw=b"", status=401).json["code"] == "session_expired"


def test_each_token_has_one_successor(app: Any, native: str, system: Any) -> None:
    second = spend(app, native).json["refresh_token"]
    later(system)
    third = spend(app, second).json["refresh_token"]
    assert len({native, second, third}) == 3


def test_a_stolen_token_ends_the_session_for_thief_and_owner(app: Any, native: str, system: Any) -> None:
    second = spend(app, native).json["refresh_token"]
    later(system)
    third = spend(app, second)
    app.token = third.json["access_token"]
    assert spend(app, native, 401).json["code"] == "session_expired"
    assert spend(app, third.json["refresh_token"], 401)
    app.get("/me", status=401)
    assert system.sql("SELECT revoked_for FROM refresh_sessions WHERE client = 'native'") == [("reused",)]


def test_the_replaced_token_comes_too_late(app: Any, native: str, system: Any) -> None:
    second = spend(app, native).json["refresh_token"]
    later(system)
    spend(app, native, 401)
    spend(app, second, 401)


def test_an_answer_lost_on_the_way_can_be_asked_for_again(app: Any, native: str, system: Any) -> None:
    lost = spend(app, native).json["refresh_token"]
    again = spend(app, native).json["refresh_token"]
    assert again == lost
    later(system)
    spend(app, again)


def test_a_fresh_token_is_not_replaced_again(app: Any, native: str, system: Any) -> None:
    """Else of three tabs that start together the slowest would look like a thief."""
    second = spend(app, native).json["refresh_token"]
    assert spend(app, second).json["refresh_token"] == second
    assert spend(app, native).json["refresh_token"] == second


def test_tabs_that_race_all_go_on(app: Any, native: str, system: Any, tenant: Any) -> None:
    for _ in range(3):
        later(system)
        tabs = [system.client(tenant) for _ in range(6)]
        answers = together(*(lambda tab=tab, token=native: spend(tab, token, None) for tab in tabs))
        assert [answer.status_int for answer in answers] == [200] * 6
        (native,) = {answer.json["refresh_token"] for answer in answers}
    assert system.sql("SELECT count(*) FROM refresh_sessions WHERE revoked_at IS NOT NULL") == [(0,)]


def test_thief_and_owner_race_and_one_of_them_is_found_out(app: Any, native: str, system: Any, tenant: Any) -> None:
    shared = spend(app, native).json["refresh_token"]
    later(system)
    successors = together(*(lambda: spend(system.client(tenant), shared).json["refresh_token"] for _ in range(2)))
    assert successors[0] == successors[1]
    later(system)
    spend(app, successors[0])
    later(system)
    spend(app, successors[1], 401)
    assert system.sql("SELECT count(*) FROM refresh_sessions WHERE revoked_for = 'reused'") == [(1,)]


def test_a_guess_at_a_known_session_does_not_end_it(app: Any, native: str, system: Any) -> None:
    """The session's id is in access tokens; alone it must not be a way to sign somebody out."""
    real = RefreshToken.parse(native)
    forged = RefreshToken(real.session_id, secrets.token_bytes(32), secrets.token_bytes(32))
    spend(app, forged.encode(), 401)
    spend(app, native)


@pytest.mark.parametrize(
    "token", ["x", "A" * 107, "AAAA", "=" * 20, "a" * 200, base64.urlsafe_b64encode(b"0" * 79).decode().rstrip("=")]
)
def test_garbage_is_no_token(app: Any, token: str) -> None:
    assert app.post("/auth/refresh", {"refresh_token": token}).status_int in {400, 401}


def test_a_cookies_token_is_not_accepted_in_the_body(ayse: Any) -> None:
    spend(ayse, ayse.app.cookies["bn_refresh"], 401)
    refresh(ayse)


def test_a_token_of_one_tenant_is_worthless_at_another(native: str, system: Any, other_tenant: Any) -> None:
    spend(system.client(other_tenant), native, 401)
    spend(system.client(None), native, 401)


def test_a_session_ends_with_age(app: Any, native: str, system: Any) -> None:
    system.sql("UPDATE refresh_sessions SET expires_at = now() - interval '1 second'")
    spend(app, native, 401)


def test_use_keeps_a_session_young(app: Any, native: str, system: Any) -> None:
    system.sql("UPDATE refresh_sessions SET expires_at = now() + interval '1 day'")
    later(system)
    spend(app, native)
    ((left,),) = system.sql("SELECT max(expires_at) - now() > interval '29 days' FROM refresh_sessions")
    assert left


def test_who_was_shut_out_does_not_go_on(app: Any, native: str, system: Any) -> None:
    system.sql("UPDATE memberships SET disabled_at = now()")
    spend(app, native, 401)


def test_a_refused_browser_loses_its_cookies(ayse: Any, system: Any) -> None:
    system.sql("UPDATE refresh_sessions SET revoked_at = now()")
    refresh(ayse, status=401)
    assert not ayse.app.cookies.get("bn_refresh")
    assert not ayse.app.cookies.get("bn_csrf")


def test_the_database_alone_does_not_give_a_token_away(app: Any, native: str, system: Any) -> None:
    token = RefreshToken.parse(native)
    ((row,),) = system.sql("SELECT s::text FROM refresh_sessions s WHERE client = 'native'")
    for part in (token.family, token.leaf):
        assert part.hex() not in row


def test_refreshing_costs_the_same_however_many_sessions_there_are(app: Any, native: str, system: Any) -> None:
    def cost(token: str) -> tuple[int, str]:
        later(system)
        with system.count_queries() as seen:
            following = spend(app, token).json["refresh_token"]
        return len(seen), following

    first, token = cost(native)
    for _ in range(5):
        sign_in(app, client="native")
    second, _ = cost(token)
    assert first == second <= 6
