"""Stripe's envelopes: bearer key, form body, idempotency keys, error objects."""

import hashlib
import json
from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import parse_qsl
from uuid import uuid4

from pyramid.request import Request
from pyramid.response import Response

from belgenet.testing.psp.runtime import Psp, faults_of, operation, psp_of
from belgenet.testing.psp.stripe.encoding import decode, render
from belgenet.testing.psp.wire import raw_json

Call = Callable[[Request, dict[str, Any]], dict[str, Any]]
LONGEST_KEY = 255
PAGE_LIMIT = 100


class StripeRefusal(Exception):  # noqa: N818 - Stripe calls the object an error, the answer is a refusal
    """Raised inside a call to answer with an error object."""

    def __init__(self, status: int, kind: str, code: str | None = None, message: str = "", **extra: Any) -> None:
        super().__init__(message or code)
        self.status = status
        self.error = {"type": kind, "code": code, "message": message or code, **extra}


def invalid(message: str, param: str | None = None, code: str | None = None, status: int = 400) -> StripeRefusal:
    """Return the refusal of a request that makes no sense."""
    return StripeRefusal(status, "invalid_request_error", code, message, param=param)


def missing(kind: str, key: str) -> StripeRefusal:
    """Return the refusal of an id that names nothing."""
    return invalid(f"No such {kind}: '{key}'", "id", "resource_missing", 404)


def stripe_call(name: str) -> Callable[[Call], Callable[[Request], Response]]:
    """Make a view of a call: fault switches, bearer key, idempotency, form body in, object or error out."""

    def decorate(call: Call) -> Callable[[Request], Response]:
        @operation(f"stripe.{name}")
        @wraps(call)
        def view(request: Request) -> Response:
            psp = psp_of(request)
            if request.headers.get("Authorization") != f"Bearer {psp.config.stripe_key}":
                return error(StripeRefusal(401, "invalid_request_error", None, "Invalid API Key provided"))
            try:
                raw = request.body.decode() if request.method == "POST" else request.query_string
                params = decode(parse_qsl(raw, keep_blank_values=True))
            except ValueError:
                return error(invalid("Invalid request"))
            if request.method == "POST" and (key := request.headers.get("Idempotency-Key")):
                return _once(psp, request, key, lambda: _run(psp, request, call, params))
            return _run(psp, request, call, params)

        return view

    return decorate


def error(refusal: StripeRefusal) -> Response:
    """Answer with an error object."""
    body = raw_json({"error": refusal.error})
    return Response(status=refusal.status, body=body, content_type="application/json", charset="utf-8")


def new_id(prefix: str) -> str:
    """Return an id in Stripe's manner."""
    return f"{prefix}_test_{uuid4().hex}"


def whole(params: dict[str, Any], name: str) -> int:
    """Return a positive whole number of the parameters, or refuse."""
    text = str(params.get(name) or "")
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise invalid(f"Invalid positive integer: {name}", name, "parameter_invalid_integer")
    return int(text)


def _run(psp: Psp, request: Request, call: Call, params: dict[str, Any]) -> Response:
    try:
        doc = call(request, params)
    except StripeRefusal as refusal:
        return error(refusal)
    body = raw_json(render(psp.store, doc, params.get("expand") or []))
    return Response(body=body, content_type="application/json", charset="utf-8")


def _once(psp: Psp, request: Request, key: str, run: Callable[[], Response]) -> Response:
    """Answer a repeated key with its first answer, even a 500; refuse the key for other parameters.

    A request that fails validation is not remembered, because nothing had begun.
    """
    if len(key) > LONGEST_KEY:
        return error(invalid("Idempotency-Key is too long"))
    print_ = hashlib.sha256(f"{request.path}\n".encode() + request.body).hexdigest()
    with psp.store.lock:
        known = psp.store.get("idempotency", key)
        if known is not None and known["fingerprint"] != print_:
            message = "Keys for idempotent requests can only be used with the same parameters."
            return error(StripeRefusal(400, "idempotency_error", None, message))
        if known is not None:
            headers = {"Idempotent-Replayed": "true"}
            replay = Response(status=known["status"], body=known["body"].encode(), headers=headers)
            replay.content_type = "application/json"
            return replay
        response = run()
        if "error_after_commit" in faults_of(request):
            broken = {"error": {"type": "api_error", "message": "internal error"}}
            response = Response(status=500, body=json.dumps(broken).encode(), content_type="application/json")
        if response.status_int not in {400, 401, 404}:
            saved = {"fingerprint": print_, "status": response.status_int, "body": response.body.decode()}
            psp.store.put("idempotency", key, saved)
        return response


def page_of(docs: list[dict[str, Any]], params: dict[str, Any], url: str) -> dict[str, Any]:
    """Return one page of a list, newest first: `created[gte]`, `created[lt]`, `limit`, `starting_after`."""
    span = params.get("created")
    span = span if isinstance(span, dict) else {}
    first, end = int(span.get("gte") or 0), int(span.get("lt") or 2**53)
    found = [doc for doc in reversed(docs) if first <= doc["created"] < end]
    after = params.get("starting_after")
    start = next((place for place, doc in enumerate(found, 1) if doc["id"] == after), 0) if after else 0
    page = found[start : start + min(int(params.get("limit") or 10), PAGE_LIMIT)]
    return {"object": "list", "url": url, "has_more": len(found) > start + len(page), "data": page}
