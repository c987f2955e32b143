"""The institution's own console: the same door, other people."""

from datetime import timedelta
from typing import Any

import pytest
from argon2 import PasswordHasher
from tests.api.accounts.helpers import PASSWORD, refresh, sign_in

from belgenet.accounts.services import one_time
from belgenet.accounts.services.administration import Administration, NewUser
from belgenet.accounts.services.hasher import Hasher
from belgenet.accounts.services.people import registered
from belgenet.core.security import Role
from belgenet.tenancy.platform import platform_session

ROOT = "root@example.org"


@pytest.fixture
def console(system: Any, tenant: Any) -> Any:
    """A client at the bare domain of an installation that has one SUPER_ADMIN."""
    with platform_session(system.settings) as session:
        wanted = NewUser(email=ROOT, full_name="Kurum Sorumlusu", role=Role.SUPER_ADMIN)
        Administration(session, None, Hasher(system.settings.security)).create(wanted, PASSWORD)
    return system.client(None)


def test_a_super_administrator_signs_in_at_the_bare_domain(console: Any) -> None:
    answer = sign_in(console, ROOT)
    assert answer.json["account"]["roles"] == ["SUPER_ADMIN"]
    assert "platform:tenants" in answer.json["account"]["permissions"]
    assert console.get("/me", status=200).json["email"] == ROOT
    assert len(console.get("/me/sessions", status=200).json["items"]) == 1
    refresh(console)
    assert console.patch("/me", {"full_name": "Yeni Ad"}, status=200).json["full_name"] == "Yeni Ad"
    console.post("/auth/logout", status=204)
    console.get("/me", status=401)


def test_members_of_tenants_have_no_place_there(console: Any, system: Any, tenant: Any) -> None:
    with system.request(tenant) as request:
        wanted = NewUser(email="yonetici@example.org", full_name="Bir Yönetici", role=Role.TENANT_ADMIN)
        Administration(request.db, request.tenant, Hasher(system.settings.security)).create(wanted, PASSWORD)
    answer = sign_in(console, "yonetici@example.org", status=401)
    assert answer.json["code"] == "invalid_credentials"
    member = system.client(tenant)
    sign_in(member, "yonetici@example.org")
    system.client(None, member.token).get("/me", status=401)


def test_its_tokens_open_no_tenant(console: Any, system: Any, tenant: Any) -> None:
    sign_in(console, ROOT)
    system.client(tenant, console.token).get("/me", status=401)
    system.client(tenant, console.token).get("/admin/users", status=401)


def test_who_loses_the_role_is_out_at_once(console: Any, system: Any) -> None:
    sign_in(console, ROOT)
    system.sql("UPDATE accounts SET platform_roles = '{}'")
    console.get("/me", status=401)
    refresh(console, status=401)


def test_password_change_ends_other_sessions(console: Any, system: Any) -> None:
    other = system.client(None)
    sign_in(other, ROOT)
    sign_in(console, ROOT)
    console.patch("/me/password", {"current_password": PASSWORD, "new_password": "yepyeni bir parola 9"}, status=204)
    console.get("/me", status=200)
    other.get("/me", status=401)


@pytest.mark.parametrize(
    "path", ["/auth/register", "/auth/verify-email", "/auth/password/forgot", "/auth/password/reset"]
)
def test_nobody_walks_in(console: Any, path: str) -> None:
    assert console.post(path, {}, status=404).json["code"] == "tenant_not_found"


def test_wrong_passwords_are_counted_there_too(console: Any) -> None:
    for _ in range(8):
        sign_in(console, ROOT, "something else entirely", status=401)
    assert sign_in(console, ROOT, status=429).json["code"] == "account_locked"


def test_a_tenants_door_sets_no_administrators_password(
    console: Any, system: Any, tenant: Any, app: Any, mail_sink: Any
) -> None:
    app.post("/auth/password/forgot", {"email": ROOT}, status=202)
    system.drain()
    assert mail_sink.mails(ROOT) == []
    with system.request(tenant) as request:
        account = registered(request.db, ROOT)
        secret = one_time.issue(request.db, account.id, one_time.Purpose.RESET_PASSWORD, timedelta(hours=1))
    body = {"token": secret, "password": "yepyeni bir parola 9"}
    assert app.post("/auth/password/reset", body, status=400).json["code"] == "token_invalid"
    sign_in(console, ROOT)


def test_an_administrator_who_is_a_member_too_changes_the_password_there(console: Any, app: Any) -> None:
    assert sign_in(app, ROOT).json["account"]["roles"] == ["DONOR"]
    new = "yepyeni bir parola 9"
    app.patch("/me/password", {"current_password": PASSWORD, "new_password": new}, status=204)
    app.get("/me", status=200)
    sign_in(console, ROOT, PASSWORD, status=401)
    sign_in(console, ROOT, new)
    console.post("/auth/logout-all", status=204)
    console.get("/me", status=401)


def test_an_administrators_hash_of_old_costs_does_not_keep_them_out(console: Any, system: Any) -> None:
    old = PasswordHasher(time_cost=2, memory_cost=512, parallelism=1).hash(PASSWORD)
    system.sql("UPDATE accounts SET password_hash = :hash", hash=old)
    sign_in(console, ROOT)


def test_registering_an_administrators_address_is_answered_like_any_other(console: Any, system: Any, app: Any) -> None:
    body = {"email": ROOT, "password": "the stranger's words", "full_name": "Stranger"}
    app.post("/auth/register", body, status=202)
    sign_in(console, ROOT)
