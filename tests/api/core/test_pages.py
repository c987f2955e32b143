"""Lists say where they go on: in the body for programs that read it, in the ``Link`` header for those that do not."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from belgenet.core.security import Role
from belgenet.core.web.openapi import document, operations
from belgenet.core.web.pagination import Page, next_link


@pytest.fixture
def admin(system: Any, tenant: Any) -> Any:
    for number in range(4):
        system.sign_in(tenant, Role.STUDENT, email=f"ogrenci{number}@example.org")
    return system.sign_in(tenant, Role.TENANT_ADMIN).client


def target(answer: Any) -> str:
    """The address of a ``Link`` header, taken apart as RFC 8288 says."""
    address, _, relation = answer.headers["Link"].partition(">; ")
    assert relation == 'rel="next"'
    assert address[0] == "<"
    return str(address[1:])


def walk(client: Any, path: str) -> list[Any]:
    """All pages, by the header alone."""
    pages = [client.get(path, status=200)]
    while "Link" in pages[-1].headers:
        assert parse_qs(urlsplit(target(pages[-1])).query)["cursor"] == [pages[-1].json["next"]]
        pages.append(client.get(target(pages[-1]), status=200))
    assert pages[-1].json["next"] is None
    return pages


def test_the_header_leads_through_the_whole_list(admin: Any) -> None:
    pages = walk(admin, "/admin/users?limit=2")
    assert [len(page.json["items"]) for page in pages] == [2, 2, 1]
    assert len({item["id"] for page in pages for item in page.json["items"]}) == 5


def test_filters_and_limit_go_along(admin: Any) -> None:
    pages = walk(admin, "/admin/users?q=ogrenci&limit=3&role=STUDENT")
    assert [len(page.json["items"]) for page in pages] == [3, 1]
    asked = parse_qs(urlsplit(target(pages[0])).query)
    assert {name: asked[name] for name in ("q", "limit", "role")} == {
        "q": ["ogrenci"],
        "limit": ["3"],
        "role": ["STUDENT"],
    }


def test_the_last_page_leads_nowhere(admin: Any) -> None:
    assert "Link" not in admin.get("/admin/users", status=200).headers
    assert "Link" not in admin.get("/site", status=200).headers


def test_the_address_names_no_host(admin: Any) -> None:
    answer = admin.get("/admin/users?limit=1", headers={"X-Forwarded-Host": "evil.example"})
    assert target(answer).startswith("/api/v1/admin/users?limit=1&cursor=")


@pytest.mark.parametrize("query", ['a>; rel="x"', "ş&ı=1", "a\r\nSet-Cookie: x", "%3E"])
def test_nothing_asked_for_breaks_out_of_the_address(query: str) -> None:
    link = next_link("/api/v1/a b", {"q": query}, "W10")
    address, _, relation = link.removeprefix("<").partition(">")
    assert relation == '; rel="next"'
    assert link.isascii()
    assert link.isprintable()
    assert parse_qs(urlsplit(address).query) == {"q": [query], "cursor": ["W10"]}


def test_every_list_says_so_in_the_document(system: Any) -> None:
    paths = document()["paths"].values()
    said = {
        item["operationId"]
        for path in paths
        for item in path.values()
        if "Link" in item["responses"].get("200", {}).get("headers", {})
    }
    lists = {item.id for item in operations() if item.out and issubclass(item.out, Page)}
    assert said == lists
    assert len(lists) > 15
