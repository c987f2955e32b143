"""HTTP as the adapters want it: bounded, never redirected, and exact about what a failure means."""

import json
from decimal import Decimal
from typing import Any, NoReturn

import httpx

from belgenet.commerce.payments.providers.errors import (
    ProviderMisconfigured,
    ProviderUnknown,
    ProviderUnreachable,
)

NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)


def http_client(connect: float, read: float) -> httpx.Client:
    """Return a client with time limits in seconds. Redirects are answers, not instructions: none is
    followed.
    """
    timeout = httpx.Timeout(read, connect=connect, pool=connect)
    limits = httpx.Limits(max_connections=50, max_keepalive_connections=10, keepalive_expiry=15)
    return httpx.Client(timeout=timeout, limits=limits, follow_redirects=False)


def send(client: httpx.Client, provider: str, request: httpx.Request) -> httpx.Response:
    """Send a request. Raises ProviderUnreachable when it cannot have had an effect, else ProviderUnknown."""
    try:
        return client.send(request)
    except NEVER_SENT as error:
        raise ProviderUnreachable(provider, "unreachable", type(error).__name__) from error
    except httpx.HTTPError as error:
        raise ProviderUnknown(provider, "no_answer", type(error).__name__) from error


def json_object(provider: str, response: httpx.Response) -> dict[str, Any]:
    """Return the JSON object in a response with exact numbers, or raise what its status and body amount
    to.
    """
    status = response.status_code
    if status == httpx.codes.TOO_MANY_REQUESTS:
        raise ProviderUnreachable(provider, "http_429")
    if status >= httpx.codes.INTERNAL_SERVER_ERROR or httpx.codes.is_redirect(status):
        raise ProviderUnknown(provider, f"http_{status}")
    try:
        answer = json.loads(response.content, parse_float=Decimal, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        if response.is_client_error:
            raise ProviderMisconfigured(provider, f"http_{status}") from error
        raise ProviderUnknown(provider, "garbage", type(error).__name__) from error
    if not isinstance(answer, dict):
        raise ProviderUnknown(provider, "garbage", type(answer).__name__)
    return answer


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number")
