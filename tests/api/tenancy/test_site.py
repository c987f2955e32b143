"""The public face of a host, and what its administrator may change."""

from typing import Any


def test_site_describes_the_tenant_of_the_host(app: Any, tenant: Any) -> None:
    answer = app.get("/site", status=200).json
    assert answer["tenant"]["slug"] == "vakif"
    assert answer["tenant"]["id"] == str(tenant.id)
    assert answer["platform"] is False
    assert answer["providers"] == ["iyzico", "stripe"]


def test_bare_host_is_the_platforms_door(system: Any, tenant: Any) -> None:
    assert system.client(None).get("/site", status=200).json == {
        "tenant": None,
        "platform": True,
        "providers": [],
        "sandbox": False,
        "api_version": "0.1.0",
    }


def test_unknown_host_is_a_translated_problem(wsgi: Any) -> None:
    answer = wsgi.get("/api/v1/site", headers={"Host": "nobody.localhost", "Accept-Language": "tr"}, status=404)
    assert answer.content_type == "application/problem+json"
    assert answer.json["code"] == "tenant_not_found"


def test_stranger_may_not_read_the_settings(app: Any) -> None:
    answer = app.get("/admin/site", status=401)
    assert answer.json["code"] == "not_authenticated"
