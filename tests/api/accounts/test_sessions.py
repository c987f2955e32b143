"""The list of one's devices."""

from typing import Any

import pytest
from tests.api.accounts.helpers import open_account, sign_in

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0"


@pytest.fixture
def laptop(app: Any, system: Any, mail_sink: Any) -> Any:
    open_account(app, system, mail_sink)
    app.app.extra_environ["HTTP_USER_AGENT"] = FIREFOX
    sign_in(app)
    return app


def test_devices_are_listed_by_name(laptop: Any, system: Any, tenant: Any) -> None:
    phone = system.client(tenant)
    phone.app.extra_environ["HTTP_USER_AGENT"] = "BelgeNet/1.0 (Android)"
    sign_in(phone, client="native")
    items = laptop.get("/me/sessions", status=200).json["items"]
    assert {(item["device"], item["address"], item["current"]) for item in items} == {
        ("Firefox · Windows", "127.0.0.9", True),
        ("Android", "127.0.0.9", False),
    }
    assert all(item["created_at"].endswith("Z") for item in items)


def test_a_lost_phone_is_signed_out(laptop: Any, system: Any, tenant: Any) -> None:
    phone = system.client(tenant)
    sign_in(phone)
    (lost,) = [item for item in laptop.get("/me/sessions").json["items"] if not item["current"]]
    laptop.delete(f"/me/sessions/{lost['id']}", status=204)
    phone.get("/me", status=401)
    laptop.get("/me", status=200)
    laptop.delete(f"/me/sessions/{lost['id']}", status=404)


def test_signing_out_the_device_at_hand_clears_its_cookies(laptop: Any) -> None:
    (here,) = laptop.get("/me/sessions").json["items"]
    answer = laptop.delete(f"/me/sessions/{here['id']}", status=204)
    assert len(answer.headers.getall("Set-Cookie")) == 2
    laptop.get("/me", status=401)


def test_somebody_elses_session_does_not_exist(laptop: Any, system: Any, tenant: Any) -> None:
    from belgenet.core.security import Role

    (mine,) = laptop.get("/me/sessions").json["items"]
    for role in (Role.DONOR, Role.TENANT_ADMIN):
        stranger = system.sign_in(tenant, role)
        assert stranger.client.delete(f"/me/sessions/{mine['id']}", status=404).json["code"] == "not_found"
    laptop.get("/me", status=200)


def test_a_session_of_another_tenant_does_not_exist(laptop: Any, system: Any, other_tenant: Any) -> None:
    academy = system.client(other_tenant)
    sign_in(academy)
    (there,) = academy.get("/me/sessions").json["items"]
    laptop.delete(f"/me/sessions/{there['id']}", status=404)
    assert len(laptop.get("/me/sessions").json["items"]) == 1


def test_strangers_see_nothing(app: Any) -> None:
    for call in (
        app.get("/me"),
        app.get("/me/sessions"),
        app.delete("/me/sessions/01a20060-65db-70f1-91b0-a9fedda5ddfe"),
    ):
        assert call.status_int in {401, 404}


def test_ended_sessions_are_dropped_after_a_month(laptop: Any, system: Any, tenant: Any) -> None:
    from belgenet.accounts.tasks import purge_sessions

    laptop.post("/auth/logout", status=204)
    with system.request(tenant) as request:
        purge_sessions(request)
    assert system.sql("SELECT count(*) FROM refresh_sessions") == [(1,)]
    system.sql("UPDATE refresh_sessions SET revoked_at = now() - interval '31 days'")
    with system.request(tenant) as request:
        purge_sessions(request)
    assert system.sql("SELECT count(*) FROM refresh_sessions") == [(0,)]


def test_what_nobody_used_is_dropped(app: Any, system: Any) -> None:
    from belgenet.accounts.tasks import purge

    body = {"email": "hic@example.org", "password": "kiraz agaci altinda 7", "full_name": "Hiç Kimse"}
    app.post("/auth/register", body, status=202)
    system.drain()
    sign_in(app, "hic@example.org", "wrong password here", status=401)
    with system.request(None) as request:
        purge(request)
    assert system.sql("SELECT count(*) FROM accounts") == [(1,)]
    for table in ("accounts", "registration_attempts"):
        system.sql(f"UPDATE {table} SET created_at = now() - interval '15 days'")
    system.sql("UPDATE sign_in_failures SET expires_at = now() - interval '1 hour'")
    with system.request(None) as request:
        purge(request)
    for table in ("accounts", "registration_attempts", "one_time_tokens", "sign_in_failures"):
        assert system.sql(f"SELECT count(*) FROM {table}") == [(0,)], table
