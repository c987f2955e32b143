"""The institution's console: tenants, at the bare host only."""

import re
import uuid
from typing import Any

import pytest
from sqlalchemy import event, text

from belgenet.admin.views import platform
from belgenet.core.security import Role
from belgenet.tenancy.platform import joined_session

NEW = {"slug": "koleji", "name": "Deneme Koleji", "kind": "academy"}


@pytest.fixture
def root(system: Any) -> Any:
    return system.sign_in(None, Role.SUPER_ADMIN)


def change(client: Any, tenant: Any, patch: dict[str, Any], version: int | None = None, **options: Any) -> Any:
    version = version or client.get(f"/platform/tenants/{tenant}").json["version"]
    return client.patch(f"/platform/tenants/{tenant}", patch, headers={"If-Match": f'"v{version}"'}, **options)


def test_create_and_list(system: Any, tenant: Any, root: Any) -> None:
    made = root.client.post("/platform/tenants", {**NEW, "locale": "en"}, status=201)
    assert made.headers["ETag"] == '"v1"'
    assert (made.json["slug"], made.json["suspended"], made.json["invited"]) == ("koleji", False, None)
    listed = root.client.get("/platform/tenants", status=200).json["items"]
    assert [item["slug"] for item in listed] == ["koleji", "vakif"]
    one = root.client.get(f"/platform/tenants/{made.json['id']}", status=200).json
    assert one["name"] == "Deneme Koleji"
    site = system.client(system.directory.by_id(uuid.UUID(made.json["id"]))).get("/site", status=200).json
    assert site["tenant"]["name"] == "Deneme Koleji"


@pytest.mark.parametrize("what", ["create", "change"])
def test_what_ends_in_an_error_never_happened(
    system: Any, tenant: Any, root: Any, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    """The console shows an error, so nothing may be left behind that a second try would stumble over."""

    def fail(_request: Any) -> None:
        raise RuntimeError("after the work, before the answer")

    before = system.sql("SELECT slug, name FROM tenants")
    with monkeypatch.context() as broken:
        broken.setattr(platform, "_forget", fail)
        if what == "create":
            root.client.post("/platform/tenants", {**NEW, "admin_email": "mudur@ornek.com"}, status=500)
        else:
            change(root.client, tenant.id, {"name": "Yeni"}, status=500)
    assert system.sql("SELECT slug, name FROM tenants") == before
    assert system.sql("SELECT count(*) FROM outbox") == [(0,)]
    assert system.sql("SELECT count(*) FROM audit_events") == [(0,)]
    root.client.post("/platform/tenants", NEW, status=201)


def test_twice_is_once(root: Any) -> None:
    root.client.post("/platform/tenants", NEW, status=201)
    again = root.client.post("/platform/tenants", NEW, status=409).json
    assert (again["code"], again["errors"][0]["field"]) == ("slug_taken", "slug")


def test_a_domain_belongs_to_one(root: Any) -> None:
    root.client.post("/platform/tenants", {**NEW, "domain": "okul.example.org"}, status=201)
    second = {**NEW, "slug": "ikinci", "domain": "okul.example.org"}
    assert root.client.post("/platform/tenants", second, status=409).json["errors"][0]["field"] == "domain"


def test_a_stranger_who_registered_the_administrators_e_mail_gets_nothing(
    system: Any, app: Any, mail_sink: Any, root: Any
) -> None:
    theirs = {"email": "mudur@ornek.com", "password": "baskasinin parolasi 99"}
    app.post("/auth/register", {**theirs, "full_name": "Yabancı"}, status=202)
    system.drain()
    verify = re.search(r"#token=([A-Za-z0-9_-]+)", mail_sink.mails("mudur@ornek.com")[0].body("plain"))
    made = root.client.post("/platform/tenants", {**NEW, "admin_email": "mudur@ornek.com"}, status=201).json
    assert made["invited"] is True
    assert verify
    opened = app.post("/auth/verify-email", {"token": verify[1], "password": theirs["password"]}, status=400)
    assert opened.json["code"] == "token_invalid", "the invitation voids what strangers began"
    client = system.client(system.directory.by_id(uuid.UUID(made["id"])))
    assert client.post("/auth/login", theirs).status_int == 401


def test_a_domain_takes_nobodys_visitors(system: Any, tenant: Any, root: Any) -> None:
    root.client.post("/platform/tenants", {**NEW, "domain": "vakif.localhost"}, status=201)
    assert system.client(tenant).get("/site", status=200).json["tenant"]["slug"] == "vakif"


def test_first_administrator_gets_a_link_and_signs_in(system: Any, mail_sink: Any, root: Any) -> None:
    made = root.client.post("/platform/tenants", {**NEW, "admin_email": "Mudur@Ornek.com"}, status=201).json
    assert made["invited"] is True
    new = system.directory.by_id(uuid.UUID(made["id"]))
    system.drain()
    mails = mail_sink.mails("mudur@ornek.com")
    assert len(mails) == 1
    secret = re.search(r"#token=([A-Za-z0-9_-]+)", mails[0].message.get_body(("plain",)).get_content())
    assert secret
    client = system.client(new)
    client.post("/auth/password/reset", {"token": secret[1], "password": "uzun ve zor bir parola 7"}, status=204)
    body = {"email": "mudur@ornek.com", "password": "uzun ve zor bir parola 7", "client": "native"}
    session = client.post("/auth/login", body, status=200).json
    assert session["account"]["roles"] == ["TENANT_ADMIN"]
    client.token = session["access_token"]
    assert client.get("/admin/dashboard", status=200)


def test_somebody_who_has_an_account_just_becomes_administrator(system: Any, tenant: Any, root: Any) -> None:
    system.sign_in(tenant, Role.DONOR, email="eski@ornek.com")
    made = root.client.post("/platform/tenants", {**NEW, "admin_email": "eski@ornek.com"}, status=201).json
    assert made["invited"] is False
    roles = system.sql("SELECT roles FROM memberships WHERE tenant_id = :id", id=made["id"])
    assert roles == [(["TENANT_ADMIN"],)]


def test_a_wrong_address_makes_no_tenant(system: Any, root: Any) -> None:
    refused = root.client.post("/platform/tenants", {**NEW, "admin_email": "nobody"}, status=400).json
    assert refused["errors"][0]["field"] == "admin_email"
    assert system.sql("SELECT count(*) FROM tenants") == [(0,)]


@pytest.mark.parametrize(
    "wrong",
    [
        {"slug": "A B"},
        {"slug": "../x"},
        {"kind": "bank"},
        {"name": ""},
        {"name": "x" * 201},
        {"currency": "lira"},
        {"time_zone": "Europe/Atlantis"},
        {"domain": "no dots"},
        {"locale": "de"},
        {"extra": 1},
    ],
)
def test_wrong_tenants(system: Any, root: Any, wrong: dict[str, Any]) -> None:
    assert root.client.post("/platform/tenants", {**NEW, **wrong}).status_int == 400
    assert system.sql("SELECT count(*) FROM tenants") == [(0,)]


def test_a_suspended_tenant_answers_nobody_until_resumed(system: Any, tenant: Any, app: Any, root: Any) -> None:
    member = system.sign_in(tenant, Role.TENANT_ADMIN).client
    assert change(root.client, tenant.id, {"suspended": True}, status=200).json["suspended"] is True
    assert app.get("/site", status=404).json["code"] == "tenant_suspended"
    assert member.get("/admin/site", status=404).json["code"] == "tenant_suspended"
    assert change(root.client, tenant.id, {"suspended": False}, status=200).json["suspended"] is False
    assert member.get("/admin/site", status=200)


def test_other_processes_notice_within_seconds(system: Any, tenant: Any, app: Any, root: Any) -> None:
    from tests.common.system import wait_until

    app.get("/site", status=200)
    system.sql("UPDATE tenants SET suspended_at = now()")
    wait_until(lambda: app.get("/site").status_int == 404, seconds=8)


def test_changes(system: Any, tenant: Any, other_tenant: Any, root: Any) -> None:
    wanted = {"name": "Yeni Ad", "domain": "vakif.example.org", "storage_quota_bytes": 5}
    changed = change(root.client, tenant.id, wanted, status=200)
    assert {name: changed.json[name] for name in wanted} == wanted
    assert changed.json["version"] == 2
    refused = change(root.client, other_tenant.id, {"domain": "vakif.example.org"}, status=409).json
    assert refused["errors"][0]["field"] == "domain"
    cleared = change(root.client, tenant.id, {"domain": None, "storage_quota_bytes": None}, status=200).json
    assert (cleared["domain"], cleared["storage_quota_bytes"]) == (None, None)
    assert change(root.client, tenant.id, {"name": None}).status_int == 400
    same = change(root.client, tenant.id, {"name": "Yeni Ad"}, status=200).json
    assert (same["name"], same["version"]) == ("Yeni Ad", 3)


def test_a_change_needs_the_version_it_changes(tenant: Any, root: Any) -> None:
    path = f"/platform/tenants/{tenant.id}"
    assert root.client.patch(path, {"name": "x"}, status=428).json["code"] == "version_required"
    assert change(root.client, tenant.id, {"name": "x"}, version=9, status=412).json["code"] == "version_mismatch"


def test_every_use_is_in_the_tenants_own_log(system: Any, tenant: Any, root: Any) -> None:
    change(root.client, tenant.id, {"suspended": True}, status=200)
    change(root.client, tenant.id, {"suspended": False}, status=200)
    made = root.client.post("/platform/tenants", NEW, status=201).json
    rows = system.sql("SELECT tenant_id, action, actor_id, actor_address FROM audit_events ORDER BY id")
    assert [(row.action, row.tenant_id) for row in rows] == [
        ("tenant.update", tenant.id),
        ("tenant.update", tenant.id),
        ("tenant.create", uuid.UUID(made["id"])),
    ]
    assert {(row.actor_id, row.actor_address) for row in rows} == {(root.account_id, "127.0.0.9")}
    seen = system.sign_in(tenant, Role.TENANT_ADMIN).client.get("/admin/audit?action=tenant").json["items"]
    assert len(seen) == 2
    assert seen[0]["actor_name"] is None


def test_only_super_administrators_at_the_bare_host(system: Any, tenant: Any, root: Any) -> None:
    for client, status in (
        (system.client(None), 401),
        (system.sign_in(tenant, Role.TENANT_ADMIN).client, 404),
        (system.client(tenant, root.client.token), 404),
        (system.client(None, system.sign_in(tenant, Role.TENANT_ADMIN).client.token), 401),
    ):
        assert client.get("/platform/tenants").status_int == status
        assert client.post("/platform/tenants", NEW).status_int == status
    assert system.sql("SELECT count(*) FROM tenants") == [(1,)]


def test_number_of_queries_does_not_grow(system: Any, root: Any) -> None:
    counts = []
    for number in range(3):
        system.create_tenant(f"kurum-{number}", "academy")
        root.client.get("/platform/tenants", status=200)
        with system.count_queries() as seen:
            root.client.get("/platform/tenants", status=200)
        counts.append(len(seen))
    assert len(set(counts)) == 1


def test_the_platforms_session_commits_after_the_requests_own(system: Any, tenant: Any) -> None:
    """So that nothing the console changed stands when something else of the request could not be kept."""
    for turn in range(8):
        order: list[str] = []
        with system.request(tenant) as request:
            sessions = {"platform": joined_session(request), "request": request.db}
            for name in sorted(sessions, reverse=turn % 2 == 0):
                sessions[name].execute(text("UPDATE tenants SET name = name WHERE false"))
                event.listen(sessions[name], "after_commit", lambda _session, o=order, name=name: o.append(name))
        assert order == ["request", "platform"]


def test_what_the_platforms_session_wrote_goes_with_a_failing_request(system: Any, tenant: Any) -> None:
    with pytest.raises(ZeroDivisionError), system.request(tenant) as request:
        joined_session(request).execute(text("UPDATE tenants SET name = 'Yeni'")).rowcount // 0
    assert system.sql("SELECT name FROM tenants") == [("Vakif Kurumu",)]
