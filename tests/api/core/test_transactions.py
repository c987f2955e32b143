"""One transaction per request: an answer that is a refusal leaves nothing behind. And a view nobody gave a permission is closed."""

from collections.abc import Iterator
from typing import Any

import pytest
from pyramid.httpexceptions import HTTPConflict
from pyramid.response import Response
from sqlalchemy import text
from structlog.testing import capture_logs
from tests.common.client import Client
from tests.common.system import service

from belgenet import client
from belgenet.app import configure
from belgenet.core import audit
from belgenet.core.security import PUBLIC, Role
from belgenet.core.traversal import TenantDirectory, TenantRoot
from belgenet.core.web.errors import ErrorCode, Problem

SURE_TO_COMMIT = [200, 201, 204, 303]
SURE_TO_VETO = [400, 401, 403, 404, 409, 413, 422, 429, 500, 503]


def _note(request: Any) -> None:
    audit.record(request, "test.written", "thing", "1")
    request.db.flush()


def answering(request: Any) -> Response:
    """Write a row, then answer as asked."""
    _note(request)
    return Response(status=int(request.matchdict["status"]))


def raising(request: Any) -> Response:
    """Write a row, then fail as asked."""
    _note(request)
    raise {
        "problem": Problem(ErrorCode.CONFLICT, 409),
        "http": HTTPConflict(),
        "fault": RuntimeError("a fault of ours"),
    }[request.matchdict["how"]]


def forgotten(request: Any) -> Response:
    """A view whose author forgot to say who may."""
    _note(request)
    return Response("open")


def more_views(config: Any) -> None:
    """Before the client's route, which takes every address that is left."""
    for name, path, view, said in (
        ("answering", "/api/v1/test/answering/{status}", answering, {"permission": PUBLIC}),
        ("raising", "/api/v1/test/raising/{how}", raising, {"permission": PUBLIC}),
        ("forgotten", "/api/v1/test/forgotten", forgotten, {}),
    ):
        config.add_route(name, path, factory=TenantRoot)
        config.add_view(view, route_name=name, **said)
    config.add_route("rootless", "/api/v1/test/rootless")
    config.add_view(forgotten, route_name="rootless")
    _CLIENT(config)


_CLIENT = client.includeme


@pytest.fixture(scope="module")
def extended(session_system: Any) -> Iterator[Any]:
    """The whole application with some views more: its configuration and the application."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(client, "includeme", more_views)
        config = configure(session_system.settings)
    yield config, config.make_wsgi_app()
    config.registry["belgenet.engine"].dispose()


@pytest.fixture
def visitor(extended: Any, tenant: Any) -> Client:
    config, wsgi = extended
    service(config.registry, TenantDirectory).forget()
    return Client(wsgi, f"{tenant.slug}.localhost")


def written(system: Any) -> int:
    count: int = system.sql("SELECT count(*) FROM audit_events WHERE action = 'test.written'")[0][0]
    return count


@pytest.mark.parametrize("status", SURE_TO_COMMIT)
def test_what_was_written_before_a_good_answer_stays(system: Any, visitor: Client, status: int) -> None:
    assert visitor.get(f"/test/answering/{status}").status_int == status
    assert written(system) == 1


@pytest.mark.parametrize("status", SURE_TO_VETO)
def test_what_was_written_before_a_refusal_is_rolled_back(system: Any, visitor: Client, status: int) -> None:
    assert visitor.get(f"/test/answering/{status}").status_int == status
    assert written(system) == 0


@pytest.mark.parametrize(("how", "status"), [("problem", 409), ("http", 409), ("fault", 500)])
def test_what_was_written_before_an_error_is_rolled_back(system: Any, visitor: Client, how: str, status: int) -> None:
    with capture_logs() as logged:
        answer = visitor.get(f"/test/raising/{how}")
    assert ("request.failed" in {line["event"] for line in logged}) == (how == "fault")
    assert (answer.status_int, answer.content_type) == (status, "application/problem+json")
    assert written(system) == 0


@pytest.mark.parametrize("path", ["/test/forgotten", "/test/rootless"])
def test_a_view_without_a_permission_is_closed_to_strangers(system: Any, visitor: Client, path: str) -> None:
    answer = visitor.get(path)
    assert (answer.status_int, answer.json["code"]) == (401, "not_authenticated")
    assert written(system) == 0


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.SUPER_ADMIN])
def test_a_view_without_a_permission_is_closed_to_everybody(
    system: Any, tenant: Any, visitor: Client, role: Role
) -> None:
    visitor.token = system.sign_in(tenant, role).client.token
    answer = visitor.get("/test/forgotten")
    assert (answer.status_int, answer.json["code"]) == (403, "forbidden")
    assert visitor.get("/me").status_int == 200
    assert written(system) == 0


def test_statements_outlive_the_requests_that_only_read(system: Any, tenant: Any) -> None:
    """PostgreSQL parses and plans the statements of the same page once; psycopg forgets prepared ones at a ROLLBACK."""
    engine = system.registry["belgenet.engine"]
    engine.dispose()
    person = system.sign_in(tenant, Role.TENANT_ADMIN).client
    for turn in range(8):
        person.get("/admin/orders", status=200)
        if turn == 6:
            system.directory.forget()
            person.get("/health/detailed")
    with engine.connect() as connection:
        prepared = connection.scalars(text("SELECT statement FROM pg_prepared_statements WHERE NOT from_sql")).all()
    assert any("FROM orders" in statement for statement in prepared)
