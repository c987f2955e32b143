"""Reports for reconciliation; iyzico signs none of these answers."""

from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

from pyramid.request import Request
from pyramid.response import Response

from belgenet.testing.psp.iyzico.api import Refusal, iyzico_call, success
from belgenet.testing.psp.iyzico.payments import payment_body
from belgenet.testing.psp.runtime import iso, psp_of
from belgenet.testing.psp.wire import Number

TURKEY = timezone(timedelta(hours=3))
PAGE_SIZE = 100


@iyzico_call("reporting")
def details(request: Request, body: dict[str, Any]) -> Response:
    """Tell all about the payments with an id or of a conversation, refunds and cancellations included."""
    del body
    wanted, conversation = request.GET.get("paymentId"), request.GET.get("paymentConversationId")
    if not wanted and not conversation:
        raise Refusal("11")
    payments = [
        payment
        for payment in psp_of(request).store.all("payment")
        if (payment["paymentId"] == wanted if wanted else payment["conversationId"] == conversation)
    ]
    if not payments:
        raise Refusal("5087", "NOT_FOUND")
    return success(request, {"payments": [_report(payment) for payment in payments]}, ())


@iyzico_call("reporting_daily")
def transactions(request: Request, body: dict[str, Any]) -> Response:
    """List one Turkish day's payments, refunds and cancellations, page by page."""
    del body
    day, page = request.GET.get("transactionDate", ""), request.GET.get("page", "1")
    if not page.isdigit() or int(page) < 1:
        raise Refusal("11")
    rows = [row for payment in psp_of(request).store.all("payment") for row in _rows(payment)]
    rows = [row for row in rows if row["transactionDate"].startswith(day)]
    start = (int(page) - 1) * PAGE_SIZE
    answer = {
        "transactions": rows[start : start + PAGE_SIZE],
        "currentPage": int(page),
        "totalPageCount": max(1, -(-len(rows) // PAGE_SIZE)),
    }
    return success(request, answer, ())


def _report(payment: dict[str, Any]) -> dict[str, Any]:
    back = sum((Decimal(entry["price"]) for entry in payment["refunds"]), Decimal(0))
    whole = payment["cancel"] is not None or back == Decimal(payment["price"])
    body = payment_body(payment)
    items = [
        item
        | {
            "refunds": [
                _refund(entry, payment["currency"])
                for entry in payment["refunds"]
                if entry["transaction"] == item["paymentTransactionId"]
            ]
        }
        for item in body.get("itemTransactions", [])
    ]
    cancel = payment["cancel"]
    return body | {
        "paymentStatus": 1 if payment["status"] == "SUCCESS" else 2,
        "paymentRefundStatus": "TOTALLY_REFUNDED" if whole else "PARTIALLY_REFUNDED" if back else "NOT_REFUNDED",
        "paymentConversationId": payment["conversationId"],
        "itemTransactions": items,
        "cancels": [_cancel(cancel, payment)] if cancel else [],
    }


def _refund(entry: dict[str, Any], currency: str) -> dict[str, Any]:
    return {
        "refundTxId": entry["id"],
        "refundConversationId": entry["conversationId"],
        "refundPrice": Number(entry["price"]),
        "refundStatus": 1,
        "currencyCode": currency,
        "createdDate": iso(entry["created"]),
        "hostReference": entry["hostReference"],
    }


def _cancel(entry: dict[str, Any], payment: dict[str, Any]) -> dict[str, Any]:
    return {
        "refundId": entry["id"],
        "cancelConversationId": entry["conversationId"],
        "refundPrice": Number(payment["price"]),
        "refundStatus": 1,
        "currencyCode": payment["currency"],
        "createdDate": iso(entry["created"]),
    }


def _rows(payment: dict[str, Any]) -> list[dict[str, Any]]:
    if payment["status"] != "SUCCESS":
        return []
    common = {
        "paymentId": payment["paymentId"],
        "basketId": payment["basketId"],
        "transactionCurrency": payment["currency"],
        "transactionStatus": 2 if payment["fraudStatus"] == 1 else payment["fraudStatus"],
        "afterSettlement": 0,
    }
    rows = [
        common | _row("PAYMENT", item["paymentTransactionId"], payment["created"], item["price"], payment)
        for item in payment["items"]
    ]
    rows += [
        common | _row("REFUND", entry["id"], entry["created"], entry["price"], entry) for entry in payment["refunds"]
    ]
    if cancel := payment["cancel"]:
        rows.append(common | _row("CANCEL", cancel["id"], cancel["created"], payment["price"], cancel))
    return rows


def _row(kind: str, key: str, created: float, price: str, source: dict[str, Any]) -> dict[str, Any]:
    moment = datetime.fromtimestamp(created, TURKEY)
    return {
        "transactionType": kind,
        "transactionId": key,
        "transactionDate": moment.strftime("%Y-%m-%d %H:%M:%S"),
        "price": Number(price),
        "conversationId": source["conversationId"],
    }
