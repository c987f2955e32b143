"""From iyzico's authentic answer about a payment to an `Observation`, with every check before "confirmed"."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from belgenet.commerce.payments.providers.currency import to_minor, to_minor_rounded
from belgenet.commerce.payments.providers.errors import ProviderUnknown
from belgenet.commerce.payments.providers.interfaces import (
    AttemptRef,
    ItemRef,
    Mismatch,
    Observation,
    PaymentState,
)
from belgenet.commerce.payments.providers.iyzico.codes import decline_of
from belgenet.commerce.payments.providers.iyzico.config import PROVIDER
from belgenet.commerce.payments.providers.iyzico.redact import redact

FRAUD_OK = "1"
FRAUD_REVIEW = "0"
FRAUD_REJECTED = "-1"


def observe(answer: Mapping[str, Any], ref: AttemptRef, *, expired: bool) -> Observation:
    """Read an authentic answer about `ref`. `expired`: the hosted page can take no further card.

    Raises ProviderUnknown when an amount cannot be read.
    """
    status = str(answer.get("paymentStatus") or "")
    if status == "SUCCESS":
        return _charged(answer, ref)
    raw = redact(answer)
    if status == "FAILURE":
        decline = decline_of(str(answer.get("errorCode") or ""))
        state = PaymentState.FAILED if expired else PaymentState.PENDING
        return Observation(state=state, final=expired, attempt_id=ref.attempt_id, decline=decline, raw_redacted=raw)
    return Observation(state=PaymentState.PENDING, final=False, attempt_id=ref.attempt_id, raw_redacted=raw)


def _charged(answer: Mapping[str, Any], ref: AttemptRef) -> Observation:
    currency = str(answer.get("currency") or "")
    fraud = str(answer.get("fraudStatus", ""))
    try:
        seen = Observation(
            state=PaymentState.CONFIRMED,
            final=True,
            attempt_id=ref.attempt_id,
            provider_ref=str(answer.get("paymentId") or "") or None,
            amount_minor=to_minor(answer.get("price"), currency),
            paid_minor=to_minor(answer.get("paidPrice"), currency),
            currency=currency,
            order_number=str(answer.get("basketId") or ""),
            item_refs=tuple(_items(answer.get("itemTransactions"), currency)),
            card_brand=_text(answer, "cardAssociation"),
            card_last4=_text(answer, "lastFourDigits"),
            installment=int(answer.get("installment") or 1),
            fees_minor=_fees(answer, currency),
            raw_redacted=redact(answer),
        )
    except (ValueError, TypeError, AttributeError) as error:
        raise ProviderUnknown(PROVIDER, "garbage", str(error)) from error
    if mismatches := tuple(_mismatches(answer, seen, ref)):
        return replace(seen, state=PaymentState.MISMATCH, mismatches=mismatches)
    if fraud == FRAUD_REVIEW:
        return replace(seen, state=PaymentState.PENDING, final=False, fraud_review=True)
    if fraud == FRAUD_REJECTED:
        return replace(seen, state=PaymentState.FAILED, decline=decline_of(""))
    return seen


def _mismatches(answer: Mapping[str, Any], seen: Observation, ref: AttemptRef) -> Iterable[Mismatch]:
    pairs = [
        ("basketId", ref.order_number, seen.order_number),
        ("currency", ref.currency, seen.currency),
        ("price", ref.amount_minor, seen.amount_minor),
        ("conversationId", ref.attempt_id, answer.get("conversationId") or ref.attempt_id),
        ("itemTransactions", seen.amount_minor, sum(item.amount_minor for item in seen.item_refs)),
    ]
    if ref.token:
        pairs.append(("token", ref.token, answer.get("token", ref.token)))
    if ref.provider_ref:
        pairs.append(("paymentId", ref.provider_ref, seen.provider_ref))
    fraud = str(answer.get("fraudStatus", ""))
    if fraud not in {FRAUD_OK, FRAUD_REVIEW, FRAUD_REJECTED}:
        pairs.append(("fraudStatus", FRAUD_OK, fraud))
    if not seen.provider_ref:
        pairs.append(("paymentId", "present", ""))
    if (seen.paid_minor or 0) < (seen.amount_minor or 0):
        pairs.append(("paidPrice", seen.amount_minor, seen.paid_minor))
    for name, expected, found in pairs:
        if expected != found:
            yield Mismatch(name=name, expected=str(expected), seen=str(found))


def _items(source: Any, currency: str) -> Iterable[ItemRef]:
    for item in source or ():
        yield ItemRef(
            line_id=str(item.get("itemId") or ""),
            item_ref=str(item.get("paymentTransactionId") or ""),
            amount_minor=to_minor(item.get("price"), currency),
        )


def _fees(answer: Mapping[str, Any], currency: str) -> int | None:
    parts = [answer.get(name) for name in ("iyziCommissionRateAmount", "iyziCommissionFee")]
    known = [to_minor_rounded(part, currency) for part in parts if part is not None]
    return sum(known) if known else None


def _text(answer: Mapping[str, Any], name: str) -> str | None:
    value = answer.get(name)
    return str(value) if value else None
