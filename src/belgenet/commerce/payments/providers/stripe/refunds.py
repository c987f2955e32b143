"""Stripe refunds as the port's outcomes and records."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from belgenet.commerce.payments.providers.errors import ProviderUnknown
from belgenet.commerce.payments.providers.interfaces import (
    RefundOutcome,
    RefundRecord,
    RefundRequest,
    RefundState,
)
from belgenet.commerce.payments.providers.stripe.amounts import from_stripe, to_stripe
from belgenet.commerce.payments.providers.stripe.config import PROVIDER

REASONS = frozenset({"duplicate", "fraudulent", "requested_by_customer"})
STATES: Mapping[str, RefundState] = {
    "succeeded": RefundState.DONE,
    "pending": RefundState.IN_TRANSIT,
    "requires_action": RefundState.IN_TRANSIT,
    "failed": RefundState.FAILED,
    "canceled": RefundState.FAILED,
}


def refund_params(request: RefundRequest) -> dict[str, Any]:
    """Return what `refunds.create` sends; the refund's own id travels as metadata, to be found again by."""
    return {
        "payment_intent": request.provider_ref,
        "amount": to_stripe(request.amount_minor, request.currency),
        "metadata": {"refund_id": request.refund_id, "attempt_id": request.attempt_id},
        **({"reason": request.reason} if request.reason in REASONS else {}),
    }


def outcome_of(refund: Mapping[str, Any], request: RefundRequest) -> RefundOutcome:
    """Read one refund object. Raises ProviderUnknown when it is not the refund we asked for."""
    record = record_of(refund)
    seen = (record.amount_minor, record.currency, refund.get("payment_intent"))
    if seen != (request.amount_minor, request.currency, request.provider_ref):
        raise ProviderUnknown(PROVIDER, "refund_mismatch")
    done = record.amount_minor if record.state is RefundState.DONE else 0
    failure = refund.get("failure_reason")
    return RefundOutcome(
        state=record.state,
        provider_ref=record.provider_ref,
        done_minor=done,
        reason=str(failure) if failure else None,
        raw_redacted={key: refund.get(key) for key in ("id", "status", "amount", "currency", "failure_reason")},
    )


def record_of(refund: Mapping[str, Any]) -> RefundRecord:
    """Read one refund object as a record. Raises ProviderUnknown when it cannot be read."""
    currency = str(refund.get("currency") or "").upper()
    try:
        amount = from_stripe(refund.get("amount"), currency)
    except ValueError as error:
        raise ProviderUnknown(PROVIDER, "garbage", str(error)) from error
    created = refund.get("created")
    return RefundRecord(
        provider_ref=str(refund.get("id") or ""),
        refund_id=(refund.get("metadata") or {}).get("refund_id"),
        amount_minor=amount,
        currency=currency,
        state=STATES.get(str(refund.get("status")), RefundState.IN_TRANSIT),
        created_at=datetime.fromtimestamp(created, UTC) if isinstance(created, int) else None,
    )


def find(refunds: Iterable[Mapping[str, Any]], refund_id: str) -> Mapping[str, Any] | None:
    """Return the refund made under our id, if there is one."""
    for refund in refunds:
        if (refund.get("metadata") or {}).get("refund_id") == refund_id:
            return refund
    return None
