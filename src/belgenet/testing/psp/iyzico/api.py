"""iyzico's envelopes: authentication in, signed success or HTTP 200 failure out."""

import json
from collections.abc import Callable
from decimal import Decimal
from functools import wraps
from typing import Any

from pyramid.request import Request
from pyramid.response import Response

from belgenet.testing.psp.runtime import faults_of, now, operation, psp_of
from belgenet.testing.psp.signing import bare, iyzico_answer, iyzico_refusal
from belgenet.testing.psp.wire import Number, load, raw_json

Call = Callable[[Request, dict[str, Any]], Response]
MESSAGES = {
    "8": "identityNumber gönderilmesi zorunludur",
    "11": "Geçersiz istek",
    "1000": "Geçersiz imza",
    "1001": "api bilgileri bulunamadı",
    "5062": "Gönderilen tutar tüm kırılımların toplam tutarına eşit olmalıdır",
    "5087": "Ödeme bulunamadı",
    "5093": "İade tutarı kalan tutardan büyük olamaz",
}


class Refusal(Exception):  # noqa: N818 - iyzico's own word for it is failure
    """Raised inside a call to answer with a failure envelope."""

    def __init__(self, code: str, group: str = "", *, retryable: bool | None = None) -> None:
        super().__init__(code)
        self.code, self.group, self.retryable = code, group, retryable


def iyzico_call(name: str) -> Callable[[Call], Callable[[Request], Response]]:
    """Make a view of a call: fault switches, IYZWSv2 over the raw body, JSON object in, failure envelope
    out.
    """

    def decorate(call: Call) -> Callable[[Request], Response]:
        @operation(f"iyzico.{name}")
        @wraps(call)
        def view(request: Request) -> Response:
            config = psp_of(request).config
            header = request.headers.get("Authorization", "")
            key, secret = config.iyzico_key, config.iyzico_secret
            if (code := iyzico_refusal(header, key, secret, request.path, request.body)) is not None:
                return failure(request, Refusal(code), "")
            try:
                body = json.loads(request.body or b"{}")
            except ValueError:
                return failure(request, Refusal("11"), "")
            if not isinstance(body, dict):
                return failure(request, Refusal("11"), "")
            try:
                return call(request, body)
            except Refusal as refusal:
                return failure(request, refusal, str(body.get("conversationId") or ""))

        return view

    return decorate


def success(request: Request, body: dict[str, Any], signed: tuple[str, ...]) -> Response:
    """Answer a call, signed over the fields named (in iyzico's order; an absent field counts as empty)."""
    envelope = {"status": "success", "locale": "tr", "systemTime": int(now() * 1000), **body}
    if signed:
        secret = psp_of(request).config.iyzico_secret
        if "bad_signature" in faults_of(request):
            secret = "not-the-secret"
        envelope["signature"] = iyzico_answer(secret, [_signed(envelope.get(name)) for name in signed])
    return Response(body=raw_json(envelope), content_type="application/json", charset="utf-8")


def failure(request: Request, refusal: Refusal, conversation: str) -> Response:
    """Answer HTTP 200 with a failure envelope, as iyzico does."""
    del request
    body = {
        "status": "failure",
        "errorCode": refusal.code,
        "errorMessage": MESSAGES.get(refusal.code, "İşlem başarısız"),
        "errorGroup": refusal.group,
        "locale": "tr",
        "systemTime": int(now() * 1000),
        "conversationId": conversation,
    }
    if refusal.retryable is not None:
        body["retryable"] = refusal.retryable
    return Response(body=raw_json(body), content_type="application/json", charset="utf-8")


def parsed_amount(value: Any) -> str:
    """Return an amount of a request as positive decimal text, or refuse the request."""
    text = str(value)
    try:
        amount = load(text.encode())
    except ValueError:
        raise Refusal("11") from None
    if isinstance(amount, bool) or not isinstance(amount, int | Decimal) or amount <= 0:
        raise Refusal("11")
    return text


def _signed(value: Any) -> str:
    if value is None:
        return ""
    return bare(value.text) if isinstance(value, Number) else str(value)
