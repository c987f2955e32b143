"""Around every request, outermost first: request context and metrics, security headers, CORS."""

import re
import time
from collections.abc import Callable
from typing import Any

import structlog
from pyramid.response import Response

from belgenet.core.observability.metrics import REQUEST_SECONDS, REQUESTS
from belgenet.core.web.errors import ErrorCode, Problem
from belgenet.core.web.problem import render

log = structlog.get_logger(__name__)
Handler = Callable[[Any], Response]
_HOST = re.compile(r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::[0-9]{1,5})?|\[[0-9a-f:.]+\](?::[0-9]{1,5})?", re.IGNORECASE)

CSP = (
    "default-src 'self'; img-src 'self' data: blob: {storage}; media-src 'self' blob: {storage}; style-src 'self' 'unsafe-inline'; "
    "script-src 'self'; connect-src 'self' {storage}; font-src 'self' data:; frame-src 'self' blob:; "
    "frame-ancestors 'none'; base-uri 'none'; "
    "form-action 'self' https:{forms}; object-src 'none'"
)


def request_context(handler: Handler, _registry: Any) -> Handler:
    """Request id, log context, duration metrics and one access line per request."""

    def tween(request: Any) -> Response:
        structlog.contextvars.clear_contextvars()
        started = time.perf_counter()
        request_id = request.id
        response = handler(request)
        seconds = time.perf_counter() - started
        route = request.matched_route.pattern if request.matched_route else "unmatched"
        REQUESTS.labels(method=request.method, route=route, status=response.status_int).inc()
        REQUEST_SECONDS.labels(method=request.method, route=route).observe(seconds)
        response.headers["X-Request-ID"] = request_id
        if route not in {"health", "metrics"}:
            tenant = getattr(request, "tenant", None)
            log.info(
                "request",
                method=request.method,
                path=request.path,
                status=response.status_int,
                ms=round(seconds * 1000, 1),
                tenant=tenant.slug if tenant else None,
            )
        structlog.contextvars.clear_contextvars()
        return response

    return tween


def security_headers(handler: Handler, registry: Any) -> Handler:
    """Headers that keep a browser from doing what we never ask it to."""
    settings = registry.settings["belgenet"]
    storage = settings.storage.browser_origin
    csp = CSP.format(storage=storage, forms="" if settings.app.public_scheme == "https" else " http:")

    def tween(request: Any) -> Response:
        response = handler(request)
        headers = response.headers
        headers.setdefault("Content-Security-Policy", csp)
        headers["X-Content-Type-Options"] = "nosniff"
        headers["Referrer-Policy"] = "strict-origin-when-cross-origin"
        headers["X-Frame-Options"] = "DENY"
        headers["Permissions-Policy"] = "camera=(self), microphone=(), geolocation=()"
        headers["Cross-Origin-Opener-Policy"] = "same-origin"
        if request.scheme == "https":
            headers["Strict-Transport-Security"] = "max-age=31536000"
        return response

    return tween


def cors(handler: Handler, registry: Any) -> Handler:
    """Answer preflights here, before traversal could say whether an object exists; Cornice's CORS stays off."""
    allowed = frozenset(registry.settings["belgenet"].security.allowed_origins)

    def tween(request: Any) -> Response:
        origin = request.headers.get("Origin", "")
        known = origin in allowed
        preflight = request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers
        response = Response(status=204) if preflight else handler(request)
        response.headers.add("Vary", "Origin")
        if known:
            response.headers["Access-Control-Allow-Origin"] = origin
            response.headers["Access-Control-Expose-Headers"] = "ETag, Link, RateLimit, Retry-After, X-Request-ID"
            if preflight:
                response.headers["Access-Control-Allow-Methods"] = "GET, POST, PUT, PATCH, DELETE"
                response.headers["Access-Control-Allow-Headers"] = (
                    "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, Accept-Language"
                )
                response.headers["Access-Control-Max-Age"] = "600"
        return response

    return tween


def sanity(handler: Handler, registry: Any) -> Handler:
    """Refuse what no client of ours sends: undecodable paths and queries, NUL bytes, a ``Host`` that is more than a name and
    a port (``tenant:x@elsewhere`` names the tenant and leads elsewhere). Outermost, because the others read these.
    """
    refuse = security_headers(_refusal, registry)

    def tween(request: Any) -> Response:
        try:
            bad = "\x00" in request.path_info + request.query_string or not _HOST.fullmatch(request.host)
            dict(request.GET)
        except (UnicodeDecodeError, ValueError):
            bad = True
        return refuse(request) if bad else handler(request)

    return tween


def _refusal(request: Any) -> Response:
    request.environ["QUERY_STRING"] = ""  # cannot be read, and the language is looked for there
    response = render(request, Problem(ErrorCode.INVALID_INPUT, 400))
    response.headers["X-Request-ID"] = request.id
    return response


def includeme(config: Any) -> None:
    config.add_tween("belgenet.core.web.tweens.cors", over="pyramid_tm.tm_tween_factory")
    config.add_tween("belgenet.core.web.tweens.security_headers", over="belgenet.core.web.tweens.cors")
    config.add_tween("belgenet.core.web.tweens.request_context", over="belgenet.core.web.tweens.security_headers")
    config.add_tween("belgenet.core.web.tweens.sanity", over="belgenet.core.web.tweens.request_context")
