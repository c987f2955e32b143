"""Requests in, answers out: signatures, nonces and refusals, the same for every operation."""

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any

from pyramid.request import Request
from pyramid.response import Response

from belgenet.testing.acme import jws
from belgenet.testing.acme.problems import AcmeProblem

if TYPE_CHECKING:
    from belgenet.testing.acme.server import AcmeServer

Operation = Callable[[Request, jws.Signed], Response]


def acme_of(request: Request) -> "AcmeServer":
    """The authority a request came to."""
    found: AcmeServer = request.registry["acme"]
    return found


def reply(request: Request, told: Any, *, status: int = 200, place: str = "", above: str = "") -> Response:
    """An answer with a fresh nonce.

    :param told: JSON, PEM text, or nothing.
    :param place: what was made or meant, below the authority's address.
    :param above: what it belongs to.
    """
    acme = acme_of(request)
    response = Response(status=status)
    if isinstance(told, str):
        response.content_type, response.charset = "application/pem-certificate-chain", "utf-8"
        response.text = told
    elif told is not None:
        response.content_type, response.json_body = "application/json", told
    response.headers["Replay-Nonce"] = acme.memory.nonce()
    response.headers["Cache-Control"] = "no-store"
    response.headers.add("Link", f'<{acme.url}/directory>;rel="index"')
    if place:
        response.headers["Location"] = f"{acme.url}/{place}"
    if above:
        response.headers.add("Link", f'<{acme.url}/{above}>;rel="up"')
    return response


def post(operation: Operation) -> Callable[[Request], Response]:
    """An operation that wants a signed request, with an account unless it makes one."""

    @wraps(operation)
    def run(request: Request) -> Response:
        try:
            return operation(request, _signed(request, needs_account=operation.__name__ != "new_account"))
        except AcmeProblem as problem:
            response = reply(request, problem.document(), status=problem.status)
            response.content_type = "application/problem+json"
            return response

    return run


def _signed(request: Request, *, needs_account: bool) -> jws.Signed:
    acme = acme_of(request)
    if acme.down:
        raise AcmeProblem("serverInternal", "down for maintenance", 503)
    if request.content_type != "application/jose+json":
        raise AcmeProblem("malformed", "expected application/jose+json", 415)
    signed = jws.opened(request.body, f"{acme.url}{request.path}", acme.key_of)
    acme.take_nonce(signed.header.get("nonce"))
    if needs_account and not signed.account:
        raise AcmeProblem("malformed", "this needs an account")
    return signed
