"""Charging a card on a form, and telling what was charged."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import uuid4

from pyramid.request import Request
from pyramid.response import Response

from belgenet.testing.psp.cards import IYZICO, Card, find
from belgenet.testing.psp.iyzico.api import Refusal, iyzico_call, success
from belgenet.testing.psp.notify import notify_url
from belgenet.testing.psp.runtime import Psp, now, psp_of
from belgenet.testing.psp.wire import Number

PAYMENT_FIELDS = ("paymentId", "currency", "basketId", "conversationId", "paidPrice", "price")
WEBHOOK_PATH = "/api/v1/webhooks/iyzico"
FIRST_PAYMENT = 20_000_000_000
FIRST_TRANSACTION = 40_000_000_000
COMMISSION = Decimal("0.029")
FIXED_FEE = "0.25000000"


@iyzico_call("detail")
def detail(request: Request, body: dict[str, Any]) -> Response:
    """Tell the payment with an id, or the last one of a conversation."""
    wanted, conversation = str(body.get("paymentId") or ""), str(body.get("paymentConversationId") or "")
    found = [
        payment
        for payment in psp_of(request).store.all("payment")
        if (payment["paymentId"] == wanted if wanted else payment["conversationId"] == conversation)
    ]
    if not found:
        raise Refusal("5087", "NOT_FOUND")
    payment = found[-1]
    if payment["status"] == "FAILURE":
        raise Refusal(payment["errorCode"], payment["errorGroup"])
    answer = payment_body(payment) | {
        "paymentStatus": payment["status"],
        "conversationId": str(body.get("conversationId") or ""),
    }
    return success(request, answer, PAYMENT_FIELDS)


def pay(psp: Psp, token: str, number: str, installment: int, faults: Mapping[str, Mapping[str, Any]]) -> str:
    """Try a card on a form; return SUCCESS, FAILURE or EXPIRED. A paid form stays paid, whatever card
    comes next.

    Raises KeyError for an unknown form.
    """
    with psp.store.lock:
        form = psp.store.get("form", token)
        if form is None:
            raise KeyError(token)
        tried = [psp.store.get("payment", payment) or {} for payment in form["payments"]]
        if any(payment.get("status") == "SUCCESS" for payment in tried):
            return "SUCCESS"
        if now() >= form["expires"]:
            return "EXPIRED"
        card = find(IYZICO, number)
        if "decline" in faults:
            card = Card("", card.brand, "declined", str(faults["decline"].get("code", "10051")), "DECLINED")
        payment = _payment(psp, form, card, installment, faults)
        psp.store.put("payment", payment["paymentId"], payment)
        psp.store.put("form", token, form | {"payments": [*form["payments"], payment["paymentId"]]})
    notify(psp, payment, form["callbackUrl"], first="webhook_first" in faults)
    return str(payment["status"])


def notify(psp: Psp, payment: Mapping[str, Any], page: str, *, first: bool = False) -> None:
    """Send the hosted page notification of a payment."""
    body = {
        "paymentConversationId": payment["conversationId"],
        "merchantId": 3_400_000,
        "token": payment["token"],
        "status": payment["status"],
        "iyziReferenceCode": str(uuid4()),
        "iyziEventType": "CHECKOUT_FORM_AUTH",
        "iyziEventTime": int(now() * 1000),
        "iyziPaymentId": int(payment["paymentId"]),
    }
    url = notify_url(psp.config.notify_iyzico, page, WEBHOOK_PATH)
    psp.notifier.send("iyzico", url, body, now=first)


def payment_body(payment: Mapping[str, Any]) -> dict[str, Any]:
    """Return a payment as iyzico tells it. `paidPrice` carries eight decimals: their zeros are not signed."""
    card = payment["card"]
    body: dict[str, Any] = {
        "paymentId": payment["paymentId"],
        "price": Number(payment["price"]),
        "paidPrice": Number(_long(payment["paidPrice"])),
        "currency": payment["currency"],
        "basketId": payment["basketId"],
        "conversationId": payment["conversationId"],
        "installment": payment["installment"],
    }
    if payment["status"] == "FAILURE":
        return body | {"errorCode": payment["errorCode"], "errorGroup": payment["errorGroup"], "mdStatus": 1}
    return body | {
        "fraudStatus": payment["fraudStatus"],
        "merchantCommissionRate": Number("0.00000000"),
        "iyziCommissionRateAmount": Number(_long(str(Decimal(payment["paidPrice"]) * COMMISSION))),
        "iyziCommissionFee": Number(FIXED_FEE),
        "cardType": "CREDIT_CARD",
        "cardAssociation": card["brand"],
        "cardFamily": "Test",
        "binNumber": card["bin"],
        "lastFourDigits": card["last4"],
        "authCode": payment["authCode"],
        "hostReference": payment["hostReference"],
        "phase": "AUTH",
        "itemTransactions": [
            {
                "itemId": item["itemId"],
                "paymentTransactionId": item["paymentTransactionId"],
                "transactionStatus": 2 if payment["fraudStatus"] == 1 else payment["fraudStatus"],
                "price": Number(item["price"]),
                "paidPrice": Number(_long(item["price"])),
            }
            for item in payment["items"]
        ],
    }


def _payment(
    psp: Psp, form: Mapping[str, Any], card: Card, installment: int, faults: Mapping[str, Mapping[str, Any]]
) -> dict[str, Any]:
    factor = Decimal(str(faults["wrong_amount"].get("factor", 2))) if "wrong_amount" in faults else Decimal(1)
    currency = faults["wrong_currency"].get("currency", "USD") if "wrong_currency" in faults else form["currency"]
    fraud = {"fraud_review": 0, "fraud_reject": -1}
    return {
        "paymentId": str(psp.store.number("payment", FIRST_PAYMENT)),
        "token": form["token"],
        "conversationId": form["conversationId"],
        "basketId": form["basketId"],
        "price": _times(form["price"], factor),
        "paidPrice": _times(form["paidPrice"], factor),
        "currency": currency,
        "installment": installment,
        "status": "FAILURE" if card.code else "SUCCESS",
        "errorCode": card.code,
        "errorGroup": card.group,
        "fraudStatus": next((status for name, status in fraud.items() if name in faults), 1),
        "card": {"brand": card.brand, "bin": card.number[:8], "last4": card.number[-4:]},
        "refundable": card.refundable,
        "authCode": uuid4().hex[:6].upper(),
        "hostReference": f"host-{uuid4().hex[:12]}",
        "items": [
            {
                "itemId": item["id"],
                "paymentTransactionId": str(psp.store.number("transaction", FIRST_TRANSACTION)),
                "price": _times(item["price"], factor),
            }
            for item in form["items"]
        ],
        "refunds": [],
        "cancel": None,
        "created": now(),
    }


def _times(amount: str, factor: Decimal) -> str:
    return amount if factor == 1 else format(Decimal(amount) * factor, "f")


def _long(amount: str) -> str:
    return format(Decimal(amount).quantize(Decimal("1.00000000")), "f")
