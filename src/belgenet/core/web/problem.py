"""RFC 9457 answers for everything that can go wrong, in the reader's language."""

import http
from typing import Any

import orjson
import psycopg
import structlog
from pyramid.httpexceptions import HTTPException
from pyramid.response import Response
from pyramid_retry import is_last_attempt, mark_error_retryable
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm.exc import StaleDataError

from belgenet.core.traversal import TenantRequiredError
from belgenet.core.web.errors import ErrorCode, FieldProblem, Problem

log = structlog.get_logger(__name__)

_BY_STATUS = {
    400: ErrorCode.INVALID_INPUT,
    404: ErrorCode.NOT_FOUND,
    405: ErrorCode.METHOD_NOT_ALLOWED,
    406: ErrorCode.NOT_ACCEPTABLE,
    413: ErrorCode.BODY_TOO_LARGE,
    415: ErrorCode.UNSUPPORTED_MEDIA_TYPE,
}


def render(request: Any, problem: Problem) -> Response:
    """The response for a problem: title and detail from ``error.<code>`` and ``error.<code>.detail``."""
    text = request.translate
    title = text(f"error.{problem.code}", **problem.params)
    body = {
        "type": f"/problems/{problem.code}",
        "title": title,
        "status": problem.status,
        "code": problem.code,
        "detail": text(f"error.{problem.code}.detail", default=title, **problem.params),
        "errors": [_field(text, item) for item in problem.fields],
        "request_id": request.id,
    }
    response = Response(orjson.dumps(body), status=problem.status, content_type="application/problem+json")
    response.headers.update({"Cache-Control": "no-store", "Content-Language": request.locale_name, **problem.headers})
    return response


def _field(text: Any, item: FieldProblem) -> dict[str, str]:
    message = text(f"field.{item.code}", default=text("field.invalid"), **item.params)
    return {"field": item.field, "code": item.code, "message": message}


def on_problem(exception: Problem, request: Any) -> Response:
    """A problem raised by our own code."""
    return render(request, exception)


def on_tenant_required(exception: TenantRequiredError, request: Any) -> Response:
    """Nobody lives at this host, or the house is closed."""
    code = ErrorCode.TENANT_SUSPENDED if exception.suspended else ErrorCode.TENANT_NOT_FOUND
    return render(request, Problem(code, 404, params={"host": request.domain}))


def on_http_exception(exception: HTTPException, request: Any) -> Response:
    """Pyramid's and Cornice's own refusals; redirects pass through."""
    status = exception.status_int
    if status < http.HTTPStatus.BAD_REQUEST:
        return exception
    code = _BY_STATUS.get(
        status, ErrorCode.INTERNAL if status >= http.HTTPStatus.INTERNAL_SERVER_ERROR else ErrorCode.INVALID_INPUT
    )
    allow = {"Allow": exception.headers["Allow"]} if "Allow" in exception.headers else {}
    return render(request, Problem(code, status, headers=allow))


def on_forbidden(_exception: HTTPException, request: Any) -> Response:
    """401 without an identity, 404 where even existence is a secret, else 403."""
    identity = request.identity
    if identity is None:
        headers = {"WWW-Authenticate": 'Bearer realm="belgenet"'}
        return render(request, Problem(ErrorCode.NOT_AUTHENTICATED, 401, headers=headers))
    visible = getattr(request.context, "visible_to", None)
    if visible is not None and not visible(identity):
        return render(request, Problem(ErrorCode.NOT_FOUND, 404))
    log.warning("access.denied", path=request.path, account=str(identity.account_id))
    return render(request, Problem(ErrorCode.FORBIDDEN, 403))


def on_not_found(_exception: HTTPException, request: Any) -> Response:
    """No such path or object."""
    return render(request, Problem(ErrorCode.NOT_FOUND, 404))


def on_exception(exception: Exception, request: Any) -> Response:
    """A fault of ours, or a database that cannot answer now (503, try again). A lost race is run again by pyramid_retry; the
    mark is set here because ``commit_veto`` turns away before pyramid_tm would set it.
    """
    if _lost_race(exception):
        mark_error_retryable(exception)
        if not is_last_attempt(request):
            log.info("request.again", path=request.path, reason=type(exception).__name__)
            return render(request, Problem(ErrorCode.INTERNAL, 500))  # nobody gets this answer
    if isinstance(exception, OperationalError | psycopg.OperationalError) or (
        isinstance(exception, DBAPIError) and exception.connection_invalidated
    ):
        log.error("database.unavailable", error=str(getattr(exception, "orig", exception)))
        return render(request, Problem(ErrorCode.BUSY, 503, headers={"Retry-After": "2"}))
    log.error("request.failed", path=request.path, exc_info=exception)
    return render(request, Problem(ErrorCode.INTERNAL, 500))


def _lost_race(exception: Exception) -> bool:
    """Deadlock, serialization failure, or a row somebody else changed first: the same request may well succeed now."""
    state = getattr(getattr(exception, "orig", exception), "sqlstate", None) or ""
    return isinstance(exception, StaleDataError) or state.startswith("40")


def includeme(config: Any) -> None:
    config.add_exception_view(on_exception, context=Exception)
    config.add_exception_view(on_http_exception, context=HTTPException)
    config.add_exception_view(on_problem, context=Problem)
    config.add_exception_view(on_tenant_required, context=TenantRequiredError)
    config.add_notfound_view(on_not_found)
    config.add_forbidden_view(on_forbidden)
