"""Garbage to every operation that takes something: always a clear refusal with a stable code, never a fault of ours."""

import json
from typing import Any

import pytest
from tests.security.test_matrix import NAMES, STANDS_FOR, Stage, tenant_operations

from belgenet.core.security import Role
from belgenet.core.security.permissions import PUBLIC
from belgenet.core.web.errors import ErrorCode

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
SHARDS = 4
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


def send(stage: Stage, operation: Any, raw: bytes, content_type: str = "application/json") -> Any:
    path = stage.world.path(
        operation.service.path, NAMES.findall(operation.service.path), STANDS_FOR.get(operation.id, {})
    )
    client = (
        stage.system.client(stage.home) if operation.permission == PUBLIC else stage.people[Role.TENANT_ADMIN].client
    )
    return client.request(operation.method, path, raw=raw, headers={"Content-Type": content_type, "If-Match": '"v1"'})


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


def test_a_body_of_ten_megabytes_is_refused(stage: Stage) -> None:
    huge = b'{"x":"' + b"a" * (10 * 1024 * 1024) + b'"}'
    for operation in with_body()[::4]:
        answer = send(stage, operation, huge)
        assert (answer.status_int, answer.json["code"]) == (413, "body_too_large"), operation.id


@pytest.mark.parametrize("shard", range(SHARDS))
def test_every_field_with_every_hostile_value(stage: Stage, shard: int) -> None:
    for operation in with_body()[shard::SHARDS]:
        for name in operation.body.model_fields:
            for value in HOSTILE:
                answer = send(stage, operation, json.dumps({name: value}).encode())
                refused_clearly(answer, (operation.id, name, repr(value)[:60]))


def test_queries_that_make_no_sense(stage: Stage) -> None:
    for operation in tenant_operations():
        if operation.method != "GET" or operation.query is None:
            continue
        path = stage.world.path(operation.service.path, NAMES.findall(operation.service.path))
        client = stage.people[Role.TENANT_ADMIN].client
        for name in operation.query.model_fields:
            for value in QUERIES:
                answer = client.get(f"{path}?{name}={value}")
                if answer.status_int < 400:
                    continue
                if answer.content_type == "text/plain":
                    assert answer.status_int == 400
                    continue
                refused_clearly(answer, (operation.id, name, value))
