"""Refunds of a payment (v2) and cancellation."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any
from uuid import uuid4

from pyramid.request import Request
from pyramid.response import Response

from belgenet.testing.psp.iyzico.api import Refusal, iyzico_call, parsed_amount, success
from belgenet.testing.psp.runtime import Psp, now, psp_of
from belgenet.testing.psp.wire import Number

REFUND_FIELDS = ("paymentId", "price", "currency", "conversationId")
FIRST_REFUND = 60_000_000_000


@iyzico_call("refund_v2")
def refund_payment(request: Request, body: dict[str, Any]) -> Response:
    """Give back a part of a payment, drawn from its lines in order."""
    psp = psp_of(request)
    with psp.store.lock:
        payment = psp.store.get("payment", str(body.get("paymentId")))
        if payment is None:
            raise Refusal("5087", "NOT_FOUND", retryable=False)
        lines = [item["paymentTransactionId"] for item in payment["items"]]
        return success(request, _refund(psp, payment, body, lines), REFUND_FIELDS)


@iyzico_call("cancel")
def cancel(request: Request, body: dict[str, Any]) -> Response:
    """Void a whole payment that was never refunded in part. iyzico documents no signature for this answer."""
    psp = psp_of(request)
    with psp.store.lock:
        payment = psp.store.get("payment", str(body.get("paymentId")))
        if payment is None or payment["status"] != "SUCCESS" or payment["cancel"] or payment["refunds"]:
            raise Refusal("5087", "NOT_FOUND", retryable=False)
        _may_give_back(payment)
        conversation = str(body.get("conversationId") or "")
        entry = {"id": str(psp.store.number("refund", FIRST_REFUND)), "conversationId": conversation}
        psp.store.put("payment", payment["paymentId"], payment | {"cancel": entry | {"created": now()}})
    answer = {
        "paymentId": payment["paymentId"],
        "price": Number(payment["price"]),
        "currency": payment["currency"],
        "conversationId": conversation,
        "authCode": payment["authCode"],
        "hostReference": payment["hostReference"],
        "cancelHostReference": f"cancel-{uuid4().hex[:12]}",
    }
    return success(request, answer, ())


def give_back(
    psp: Psp, payment: dict[str, Any], amount: str, conversation: str, lines: Iterable[str], reference: str
) -> None:
    """Record a refund drawn from lines in order. Raises Refusal when they do not hold enough."""
    left, entries = Decimal(amount), []
    for line in lines:
        part = min(left, remaining(payment, line))
        if part > 0:
            entry = {"id": str(psp.store.number("refund", FIRST_REFUND)), "transaction": line}
            entry |= {"price": format(part, "f"), "conversationId": conversation, "hostReference": reference}
            entries.append(entry | {"created": now()})
            left -= part
    if left > 0:
        raise Refusal("5093", "REFUND_AMOUNT", retryable=False)
    psp.store.put("payment", payment["paymentId"], payment | {"refunds": payment["refunds"] + entries})


def remaining(payment: dict[str, Any], line: str) -> Decimal:
    """Return what of one basket line is still to be had back."""
    if payment["cancel"]:
        return Decimal(0)
    price = next(Decimal(item["price"]) for item in payment["items"] if item["paymentTransactionId"] == line)
    back = sum(Decimal(entry["price"]) for entry in payment["refunds"] if entry["transaction"] == line)
    return price - back


def _refund(psp: Psp, payment: dict[str, Any], body: dict[str, Any], lines: list[str]) -> dict[str, Any]:
    price = parsed_amount(body.get("price"))
    if payment["status"] != "SUCCESS":
        raise Refusal("5087", "NOT_FOUND", retryable=False)
    if body.get("currency") not in {None, payment["currency"]}:
        raise Refusal("11")
    _may_give_back(payment)
    conversation = str(body.get("conversationId") or "")
    reference = f"refund-{uuid4().hex[:12]}"
    give_back(psp, payment, price, conversation, lines, reference)
    return {
        "paymentId": payment["paymentId"],
        "price": Number(price),
        "currency": payment["currency"],
        "conversationId": conversation,
        "refundHostReference": reference,
        "retryable": False,
    }


def _may_give_back(payment: dict[str, Any]) -> None:
    if not payment["refundable"]:
        raise Refusal("10202", "UNKNOWN", retryable=True)
