"""The browser's half of a session: the token where scripts cannot read it, and a proof that only our page can send."""

import hmac
from typing import Any, Final

from belgenet.accounts.services.refresh_tokens import MalformedTokenError, RefreshToken
from belgenet.core.web.errors import ErrorCode, Problem

REFRESH: Final = "bn_refresh"
CSRF: Final = "bn_csrf"
HEADER: Final = "X-CSRF-Token"
PATH: Final = "/api/v1/auth"


def keep(request: Any, token: RefreshToken) -> None:
    """Set both cookies on whatever response this request gets."""
    security = request.settings.security
    age = security.refresh_token_days * 86_400
    shared = {"secure": security.cookie_secure, "samesite": "Lax", "max_age": age, "overwrite": True}

    def write(_request: Any, response: Any) -> None:
        response.set_cookie(REFRESH, token.encode(), path=PATH, httponly=True, **shared)
        response.set_cookie(CSRF, token.csrf, path="/", **shared)

    request.add_response_callback(write)


def drop(request: Any) -> None:
    """Delete both cookies; a browser without them asks no more."""

    def write(_request: Any, response: Any) -> None:
        response.delete_cookie(REFRESH, path=PATH)
        response.delete_cookie(CSRF, path="/")

    request.add_response_callback(write)


def presented(request: Any) -> RefreshToken | None:
    """The token in the cookie, once the page has proved to be ours; None without a (readable) cookie.

    :raises Problem: ``csrf_failed`` (403).
    """
    token = _parse(request.cookies.get(REFRESH, ""))
    if token is None:
        return None
    given = [request.headers.get(HEADER, ""), request.cookies.get(CSRF, "")]
    if not all(hmac.compare_digest(value.encode(), token.csrf.encode()) for value in given):
        raise Problem(ErrorCode.CSRF_FAILED, 403)
    return token


def held(text: str) -> RefreshToken | None:
    """The token a native client sent."""
    return _parse(text)


def _parse(text: str) -> RefreshToken | None:
    try:
        return RefreshToken.parse(text) if text else None
    except MalformedTokenError:
        return None
