"""Garbage to every operation that takes something: always a clear refusal with a stable code, never a fault of ours."""

import json
from typing import Any

import pytest
from tests.security.test_matrix import NAMES, STANDS_FOR, Stage, tenant_operations

from belgenet.core.security import Role
from belgenet.core.security.permissions import PUBLIC
from belgenet.core.web.errors import ErrorCode
from belgenet.core.web.openapi import operations
from belgenet.core.web.service import PlatformService

HOSTILE: list[Any] = [
    None, True, -1, 2**70, "", "x" * 5000, "\u0000", "\ud800", "<script>alert(1)</script>", "'; DROP TABLE orders; --",
    "../../etc/passwd", "{{7*7}}", [], {"$ne": 1}, ["x"] * 500, "9999-12-31T23:59:59Z",
]  # fmt: skip
QUERIES = [
    "",
    "%00",
    "-1",
    "999999999999999999999",
    "%F0%9F%98%80",
    "%ff",
    "a" * 2000,
    "%27%20OR%201=1--",
    "W10",
    "bnVsbA",
]
SHARDS = 7
"""No divisor of the number of values: previews of templates, which draw a page each, are spread over all shards."""
TEN_MEGABYTES = b'{"x":"' + b"a" * (10 * 1024 * 1024) + b'"}'
UNREADABLE = [
    "/site?q=%ff",
    "/site?%ff=1",
    "/site%00",
    "/%ff",
    "/me?x=%c3%28",
    "/orders?limit=%ed%a0%80",
]
RAW_BODIES = [
    b"", b"{", b"null", b"[]", b'"x"', b"\xff\xfe", b"\x00", b"{" * 50_000, b"[" * 200_000, b'{"a":1,"a":2}', b'{"\\ud800":1}',
    b"a=1&b=2", b"<?xml version='1.0'?><!DOCTYPE x [<!ENTITY y SYSTEM 'file:///etc/passwd'>]><x>&y;</x>", b"-" * 1000, b"1e999999",
]  # fmt: skip
KNOWN = {str(code) for code in ErrorCode}


@pytest.fixture
def stage(system: Any) -> Stage:
    return Stage(system)


def with_body() -> list[Any]:
    return [item for item in tenant_operations() if item.body is not None]


def send(
    stage: Stage,
    operation: Any,
    raw: bytes,
    content_type: str = "application/json",
    *,
    query: str = "",
    person: Any = None,
) -> Any:
    """Ask as a stranger where anybody may, else as the administrator (or ``person``)."""
    pattern = operation.service.path
    if isinstance(operation.service, PlatformService):
        pattern = pattern.replace("{tenant_id:", "{tenant_key:")
    path = stage.world.path(pattern, NAMES.findall(pattern), STANDS_FOR.get(operation.id, {}))
    client = person or (
        stage.system.client(stage.home) if operation.permission == PUBLIC else stage.people[Role.TENANT_ADMIN].client
    )
    headers = {"Content-Type": content_type, "If-Match": '"v1"'}
    return client.request(operation.method, path + query, raw=raw, headers=headers)


def refused_clearly(answer: Any, what: object) -> None:
    assert answer.status_int < 500, (what, answer.text[:300])
    if answer.status_int >= 400:
        assert answer.content_type == "application/problem+json", what
        problem = answer.json
        assert problem["code"] in KNOWN, (what, problem["code"])
        assert problem["title"], what
        assert not problem["title"].startswith("error."), (what, "no text for this code")
        for finding in problem["errors"]:
            assert finding["message"], (what, finding)
            assert not finding["message"].startswith("field."), (what, finding)


def test_bodies_that_are_not_what_they_should_be(stage: Stage) -> None:
    for operation in with_body():
        for raw in RAW_BODIES:
            answer = send(stage, operation, raw)
            refused_clearly(answer, (operation.id, raw[:40]))
            assert answer.status_int >= 400 or operation.body.model_fields.keys() == set(), (operation.id, raw[:40])


def test_a_body_of_another_type_is_refused(stage: Stage) -> None:
    for operation in with_body():
        for kind in (
            "text/plain",
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=x",
            "application/xml",
        ):
            assert send(stage, operation, b"{}", kind).json["code"] == "unsupported_media_type", operation.id


def test_a_body_of_ten_megabytes_is_refused_by_every_operation(stage: Stage) -> None:
    """Before anything is done with it; uploads, which may be that large, have tests of their own."""
    asked = [item for item in operations() if item.body_media_type != "multipart/form-data"]
    assert len(asked) > 100
    taken = []
    for operation in asked:
        answers = [
            (answer.status_int, answer.json["code"])
            for person in people_for(stage, operation)
            if (answer := send(stage, operation, TEN_MEGABYTES, person=person)).status_int >= 400
        ]
        if (413, "body_too_large") not in answers:
            taken.append((operation.id, answers))
    assert taken == []


def people_for(stage: Stage, operation: Any) -> list[Any]:
    """Somebody who may ask is among them; what is an owner's own is refused to administrators first."""
    if isinstance(operation.service, PlatformService):
        return [stage.platform.client]
    return [stage.people[Role.TENANT_ADMIN].client, stage.world.owner.client]


@pytest.mark.parametrize("shard", range(SHARDS))
def test_every_field_with_every_hostile_value(stage: Stage, shard: int) -> None:
    every = [(item, name, value) for item in with_body() for name in item.body.model_fields for value in HOSTILE]
    for operation, name, value in every[shard::SHARDS]:
        answer = send(stage, operation, json.dumps({name: value}).encode())
        refused_clearly(answer, (operation.id, name, repr(value)[:60]))


def test_queries_that_make_no_sense(stage: Stage) -> None:
    asked = [item for item in tenant_operations() if item.query is not None]
    assert {"GET", "POST"} <= {item.method for item in asked}
    for operation in asked:
        for name in operation.query.model_fields:
            for value in QUERIES:
                answer = send(stage, operation, b"", "application/octet-stream", query=f"?{name}={value}")
                refused_clearly(answer, (operation.id, name, value))


@pytest.mark.parametrize("path", UNREADABLE)
@pytest.mark.parametrize("language", ["tr", "en"])
def test_addresses_that_cannot_be_read_are_problems_too(app: Any, path: str, language: str) -> None:
    answer = app.get(path, headers={"Accept-Language": language})
    assert (answer.status_int, answer.json["code"]) == (400, "invalid_input")
    assert answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Request-ID"] == answer.json["request_id"]
    refused_clearly(answer, path)
