"""What every answer has in common: problems, headers, CORS, limits, ids."""

from typing import Any

import pytest
from limits import parse

from belgenet.core.security import Role
from belgenet.core.web import ratelimit


def test_problem_carries_what_a_person_and_a_program_need(app: Any) -> None:
    answer = app.get("/orders/00000000-0000-0000-0000-000000000000", headers={"X-Request-ID": "abcdef-123456"})
    assert answer.status_int in {401, 404}
    assert answer.content_type == "application/problem+json"
    problem = answer.json
    assert set(problem) == {"type", "title", "status", "code", "detail", "errors", "request_id"}
    assert problem["request_id"] == answer.headers["X-Request-ID"] == "abcdef-123456"
    assert problem["type"] == f"/problems/{problem['code']}"


@pytest.mark.parametrize("given", ["", "short", "x" * 65, "bad id!", "abc\tdefgh"])
def test_request_ids_that_are_not_sane_are_replaced(app: Any, given: str) -> None:
    assert app.get("/site", headers={"X-Request-ID": given}).headers["X-Request-ID"] != given


@pytest.mark.parametrize(
    ("header", "language"),
    [("tr", "tr"), ("tr-TR,tr;q=0.9,en;q=0.8", "tr"), ("en-GB", "en"), ("de", "tr"), ("", "tr"), ("*;;,q=", "tr")],
)
def test_language_of_a_problem(app: Any, header: str, language: str) -> None:
    answer = app.get("/admin/site", headers={"Accept-Language": header}, status=401)
    assert answer.headers["Content-Language"] == language


def test_unknown_path_and_wrong_method(app: Any) -> None:
    assert app.get("/nothing-here").json["code"] == "not_found"
    answer = app.delete("/site")
    assert (answer.status_int, answer.json["code"]) == (405, "method_not_allowed")


def test_security_headers_are_everywhere(app: Any) -> None:
    for answer in (app.get("/site"), app.get("/nothing"), app.get("/health")):
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["X-Frame-Options"] == "DENY"
        assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["Strict-Transport-Security"]


def test_preflight_says_nothing_about_the_object_and_nothing_to_strangers(app: Any) -> None:
    headers = {"Origin": "https://evil.example", "Access-Control-Request-Method": "GET"}
    for path in ("/site", "/orders/00000000-0000-0000-0000-000000000000", "/nothing"):
        answer = app.request("OPTIONS", path, headers=headers)
        assert answer.status_int == 204
        assert "Access-Control-Allow-Origin" not in answer.headers


def test_allowed_origin_may_call(system: Any, app: Any) -> None:
    from belgenet.core.web import tweens

    patched = system.settings.security.model_copy(update={"allowed_origins": ("https://app.example.org",)})
    registry = type(
        "Registry", (), {"settings": {"belgenet": system.settings.model_copy(update={"security": patched})}}
    )()
    tween = tweens.cors(lambda _request: __import__("pyramid.response").response.Response(), registry)
    request = type("Request", (), {"headers": {"Origin": "https://app.example.org"}, "method": "GET"})()
    assert tween(request).headers["Access-Control-Allow-Origin"] == "https://app.example.org"


def test_undecodable_addresses_are_refused(wsgi: Any, tenant: Any) -> None:
    for path in ("/api/v1/site?q=%ff", "/api/v1/%ff", "/api/v1/site%00"):
        assert wsgi.get(path, headers={"Host": "vakif.localhost"}, expect_errors=True).status_int in {400, 404}


@pytest.mark.parametrize(
    "host",
    ["vakif.localhost:x@evil.example", "vakif.localhost:80/evil", "vakif.localhost:", "evil.example\\.localhost", ""],
)
def test_a_host_that_is_more_than_a_name_and_a_port_is_refused(wsgi: Any, tenant: Any, host: str) -> None:
    environ = {"HTTP_HOST": host}
    assert wsgi.get("/api/v1/certificates/keys", extra_environ=environ, expect_errors=True).status_int == 400


def test_addresses_handed_out_do_not_hang_on_the_port_somebody_named(wsgi: Any, tenant: Any) -> None:
    environ = {"HTTP_HOST": "VAKIF.localhost:4444", "wsgi.url_scheme": "http"}
    assert wsgi.get("/api/v1/certificates/keys", extra_environ=environ).json["issuer"] == "https://vakif.localhost"


def test_the_peer_is_who_the_server_says_it_is() -> None:
    from belgenet.core.web.request import Request

    request = Request.blank("/", {"REMOTE_ADDR": "192.0.2.7"}, headers={"X-Forwarded-For": "10.0.0.1, 10.0.0.2"})
    assert request.client_addr == "192.0.2.7"


@pytest.mark.parametrize(
    "path", ["/" + "a" * 300, "/%2e%2e/%2e%2e/%2e%2e/etc/passwd", "/assets/../../../pyproject.toml"]
)
def test_pages_the_client_has_no_file_for_are_its_shell_or_nothing(wsgi: Any, path: str) -> None:
    answer = wsgi.get(path, expect_errors=True)
    assert answer.status_int in {200, 404, 503}
    assert "root:" not in answer.text
    assert "[project]" not in answer.text


def test_health_answers_without_a_tenant(wsgi: Any) -> None:
    assert wsgi.get("/health").json["status"] == "ok"


def test_details_are_for_operators(system: Any, wsgi: Any) -> None:
    from webtest import TestApp

    near = TestApp(system.wsgi, extra_environ={"REMOTE_ADDR": "127.0.0.1"})
    far = TestApp(system.wsgi, extra_environ={"REMOTE_ADDR": "192.0.2.1"})
    body = near.get("/health/detailed", expect_errors=True).json
    assert {name: check["status"] for name, check in body["checks"].items()} == {
        "database": "ok",
        "redis": "ok",
        "storage": "ok",
        "scanner": "ok",
        "workers": "failed",
        "disk": "ok",
    }
    assert b"belgenet_requests_total" in near.get("/metrics").body
    for path in ("/health/detailed", "/metrics"):
        assert far.get(path, expect_errors=True).status_int == 404
        assert near.get(path, headers={"X-Forwarded-For": "192.0.2.1"}, expect_errors=True).status_int == 404


def test_contested_writes_need_the_version(system: Any, tenant: Any) -> None:
    admin = system.sign_in(tenant, Role.TENANT_ADMIN).client
    read = admin.get("/admin/site", status=200)
    assert admin.patch("/admin/site", {"name": "Yeni"}).json["code"] == "version_required"
    changed = admin.patch("/admin/site", {"name": "Yeni"}, headers={"If-Match": read.headers["ETag"]}, status=200)
    assert changed.headers["ETag"] != read.headers["ETag"]
    late = admin.patch("/admin/site", {"name": "Eski"}, headers={"If-Match": read.headers["ETag"]})
    assert (late.status_int, late.json["code"]) == (412, "version_mismatch")
    assert system.client(tenant).get("/site").json["tenant"]["name"] == "Yeni"


def test_site_changes_are_recorded(system: Any, tenant: Any) -> None:
    admin = system.sign_in(tenant, Role.TENANT_ADMIN)
    patch = {"name": "Yeni", "branding": {"primary_color": "#123456"}}
    admin.client.patch("/admin/site", patch, headers={"If-Match": "*"}, status=200)
    ((actor, before, after),) = system.sql(
        "SELECT actor_id, before, after FROM audit_events WHERE action = 'site.update'"
    )
    assert actor == admin.account_id
    assert before["name"] == "Vakif Kurumu"
    assert after["name"] == "Yeni"
    assert after["branding"]["primary_color"] == "#123456"


@pytest.mark.parametrize("colour", ["red", "#12345", "#12345g", "url(x)", "#123456;}"])
def test_colours_that_are_none_are_refused(system: Any, tenant: Any, colour: str) -> None:
    admin = system.sign_in(tenant, Role.TENANT_ADMIN).client
    answer = admin.patch("/admin/site", {"branding": {"primary_color": colour}}, headers={"If-Match": "*"}, status=400)
    assert answer.json["errors"][0]["field"] == "branding.primary_color"


def test_rate_limit_counts_and_says_when_to_come_back(
    system: Any, tenant: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits = system.settings.limits.model_copy(update={"enabled": True, "verify": "3/minute"})
    monkeypatch.setitem(system.registry.settings, "belgenet", system.settings.model_copy(update={"limits": limits}))
    app = system.client(tenant)
    statuses = [app.get("/certificates/verify/AAAA-BBBB-CCCC-DDDD").status_int for _ in range(4)]
    assert statuses[3] == 429
    assert 429 not in statuses[:3]
    refused = app.get("/certificates/verify/AAAA-BBBB-CCCC-DDDD")
    assert 1 <= int(refused.headers["Retry-After"]) <= 61
    assert refused.json["code"] == "rate_limited"


def test_doors_for_notifications_are_no_way_to_fill_the_database(
    system: Any, tenant: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits = system.settings.limits.model_copy(update={"enabled": True, "webhook": "2/minute"})
    monkeypatch.setitem(system.registry.settings, "belgenet", system.settings.model_copy(update={"limits": limits}))
    app = system.client(tenant)
    rubbish = [
        {"iyziEventType": "CHECKOUT_FORM_AUTH", "token": f"t{number}", "status": "SUCCESS"} for number in range(4)
    ]
    assert [app.post("/webhooks/iyzico", body).status_int for body in rubbish] == [200, 200, 429, 429]
    assert system.sql("SELECT count(*) FROM webhook_inbox") == [(2,)]


def test_lost_redis_opens_limits_except_those_that_must_hold(
    system: Any, tenant: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from belgenet.core.web.errors import Problem
    from belgenet.core.web.ratelimit import RateLimiter

    gone = RateLimiter("redis://127.0.0.1:9/0", 0.2, "test")
    assert gone.hit("1/minute", "a") == (True, 0, 0)
    with pytest.raises(Problem) as caught:
        gone.hit("1/minute", "a", fail_closed=True)
    assert caught.value.status == 503


def test_a_database_that_was_restarted_costs_nobody_an_answer(system: Any, tenant: Any) -> None:
    """All pooled connections are dead at once; the first request to notice must not be one of many that fail."""
    from contextlib import ExitStack

    import psycopg

    engine = system.registry["belgenet.engine"]
    client = system.client(tenant)
    with ExitStack() as several:
        for _ in range(4):
            several.enter_context(engine.connect()).exec_driver_sql("SELECT 1")
    url = system.settings.database.url.get_secret_value().replace("+psycopg", "")
    others = "usename = current_user AND datname = current_database() AND pid <> pg_backend_pid()"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}")
    assert [client.get("/campaigns").status_int for _ in range(5)] == [200] * 5


@pytest.mark.parametrize(
    ("path", "host"),
    [
        ("/api/v1/site?q=%FF", "vakif.localhost"),
        ("/api/v1/%FF", "vakif.localhost"),
        ("/api/v1/site%00", "vakif.localhost"),
        ("/api/v1/site", "vakif.localhost:x@elsewhere"),
    ],
)
def test_what_cannot_be_read_is_refused_as_everything_else_is(wsgi: Any, tenant: Any, path: str, host: str) -> None:
    environ = {"HTTP_HOST": host, "HTTP_ACCEPT_LANGUAGE": "en", "wsgi.url_scheme": "https"}
    answer = wsgi.get(path, extra_environ=environ, status=400)
    assert answer.content_type == "application/problem+json"
    assert (answer.json["code"], answer.json["status"]) == ("invalid_input", 400)
    assert answer.headers["Content-Language"] == "en"
    assert answer.headers["X-Request-ID"] == answer.json["request_id"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "Strict-Transport-Security" in answer.headers


def test_a_limit_is_parsed_once(system: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    parsed: list[str] = []
    monkeypatch.setattr(ratelimit, "parse", lambda limit: parsed.append(limit) or parse(limit))
    limiter = ratelimit.RateLimiter(system.settings.cache.url.get_secret_value(), 1, "once")
    for _ in range(3):
        allowed, remaining, _ = limiter.hit("3/minute", "somebody")
        assert allowed
        assert limiter.parsed("3/minute").amount == 3
    assert remaining == 0
    assert not limiter.hit("3/minute", "somebody")[0]
    assert parsed == ["3/minute"]
