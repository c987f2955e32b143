"""Refunds: one call for a payment (v2), and the report that tells what became of them."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from belgenet.commerce.payments.providers.currency import to_minor, to_text
from belgenet.commerce.payments.providers.errors import ProviderRefused, ProviderUnknown
from belgenet.commerce.payments.providers.interfaces import (
    RefundOutcome,
    RefundRecord,
    RefundRequest,
    RefundState,
)
from belgenet.commerce.payments.providers.iyzico.codes import NO_SUCH_PAYMENT
from belgenet.commerce.payments.providers.iyzico.config import PROVIDER
from belgenet.commerce.payments.providers.iyzico.redact import redact
from belgenet.commerce.payments.providers.iyzico.signatures import REFUND_FIELDS
from belgenet.commerce.payments.providers.iyzico.transport import IyzicoTransport

REFUND_PATH = "/v2/payment/refund"
REPORT_PATH = "/v2/reporting/payment/details"
REASONS = {"duplicate": "DOUBLE_PAYMENT", "fraudulent": "FRAUD", "requested_by_customer": "BUYER_REQUEST"}
REPORT_DONE = "1"
REPORT_FAILED = "-1"


def refund(transport: IyzicoTransport, request: RefundRequest) -> RefundOutcome:
    """Give back the amount once; iyzico draws it from the payment's lines itself."""
    body = _body(request)
    try:
        answer = transport.post(REFUND_PATH, body, REFUND_FIELDS)
        reference = _checked(answer, request)
    except ProviderUnknown as error:
        return RefundOutcome(state=RefundState.UNKNOWN, reason=error.code)
    except ProviderRefused as error:
        return RefundOutcome(state=RefundState.FAILED, retryable=error.retryable, reason=error.code)
    return RefundOutcome(
        state=RefundState.DONE,
        provider_ref=reference or request.refund_id,
        done_minor=request.amount_minor,
        raw_redacted=redact(answer),
    )


def records(transport: IyzicoTransport, payment_id: str) -> tuple[RefundRecord, ...]:
    """Return every refund and cancellation the report shows for a payment. Raises as `IyzicoTransport.get`
    does.
    """
    try:
        report = transport.get(REPORT_PATH, {"paymentId": payment_id})
    except ProviderRefused as error:
        if error.code == NO_SUCH_PAYMENT:
            return ()
        raise
    try:
        return tuple(_records(report, payment_id))
    except (ValueError, TypeError, AttributeError) as error:
        raise ProviderUnknown(PROVIDER, "garbage", str(error)) from error


def outcome_of(request: RefundRequest, known: Iterable[RefundRecord], *, settled: bool) -> RefundOutcome:
    """Reduce a report to what became of one refund.

    A report may lag behind the refund, so "not found" is `retryable` only when `settled`, that is, long
    enough after the request.
    """
    ours = [record for record in known if record.refund_id == request.refund_id]
    if not ours:
        return RefundOutcome(state=RefundState.NOT_FOUND, retryable=settled)
    done = sum(record.amount_minor for record in ours if record.state is RefundState.DONE)
    if done >= request.amount_minor:
        state = RefundState.DONE
    elif any(record.state is RefundState.IN_TRANSIT for record in ours):
        state = RefundState.IN_TRANSIT
    else:
        state = RefundState.PARTIAL if done else RefundState.FAILED
    return RefundOutcome(state=state, provider_ref=ours[0].provider_ref, done_minor=done)


def _body(request: RefundRequest) -> dict[str, Any]:
    return {
        "locale": "tr",
        "conversationId": request.refund_id,
        "paymentId": request.provider_ref,
        "price": to_text(request.amount_minor, request.currency),
        "currency": request.currency,
        "reason": REASONS.get(request.reason, "OTHER"),
        **({"ip": request.ip} if request.ip else {}),
    }


def _checked(answer: Mapping[str, Any], request: RefundRequest) -> str | None:
    seen = (str(answer.get("paymentId")), str(answer.get("currency")), answer.get("conversationId"))
    try:
        price = to_minor(answer.get("price"), request.currency)
    except ValueError as error:
        raise ProviderUnknown(PROVIDER, "garbage", str(error)) from error
    if seen != (request.provider_ref, request.currency, request.refund_id) or price != request.amount_minor:
        raise ProviderUnknown(PROVIDER, "refund_mismatch")
    reference = answer.get("refundHostReference") or answer.get("hostReference")
    return str(reference) if reference else None


def _records(report: Mapping[str, Any], payment_id: str) -> Iterable[RefundRecord]:
    for payment in report.get("payments") or ():
        if str(payment.get("paymentId")) != payment_id:
            continue
        for item in payment.get("itemTransactions") or ():
            for entry in item.get("refunds") or ():
                yield _record(entry, "refundTxId", "refundConversationId")
        for entry in payment.get("cancels") or ():
            yield _record(entry, "refundId", "cancelConversationId")


def _record(entry: Mapping[str, Any], id_field: str, conversation_field: str) -> RefundRecord:
    currency = str(entry.get("currencyCode") or "")
    conversation = str(entry.get(conversation_field) or "")
    status = str(entry.get("refundStatus", ""))
    states = {REPORT_DONE: RefundState.DONE, REPORT_FAILED: RefundState.FAILED}
    created = entry.get("createdDate")
    return RefundRecord(
        provider_ref=str(entry.get(id_field) or ""),
        refund_id=conversation or None,
        amount_minor=to_minor(entry.get("refundPrice"), currency),
        currency=currency,
        state=states.get(status, RefundState.IN_TRANSIT),
        created_at=datetime.fromisoformat(created) if isinstance(created, str) and created else None,
    )
