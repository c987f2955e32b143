"""Stripe's errors and decline codes sorted by what we do about them (docs.stripe.com/declines/codes)."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import stripe

from belgenet.commerce.payments.providers.errors import (
    DeclineReason,
    ProviderError,
    ProviderMisconfigured,
    ProviderRefused,
    ProviderUnknown,
    ProviderUnreachable,
)
from belgenet.commerce.payments.providers.http import NEVER_SENT
from belgenet.commerce.payments.providers.stripe.config import PROVIDER

MISSING = "resource_missing"

DECLINES: Mapping[str, DeclineReason] = {
    "authentication_required": DeclineReason.AUTHENTICATION,
    "payment_intent_authentication_failure": DeclineReason.AUTHENTICATION,
    "card_not_supported": DeclineReason.CARD_NOT_PERMITTED,
    "card_velocity_exceeded": DeclineReason.LIMIT_EXCEEDED,
    "currency_not_supported": DeclineReason.CARD_NOT_PERMITTED,
    "expired_card": DeclineReason.EXPIRED_CARD,
    "incorrect_cvc": DeclineReason.CARD_DETAILS,
    "incorrect_number": DeclineReason.CARD_DETAILS,
    "insufficient_funds": DeclineReason.INSUFFICIENT_FUNDS,
    "invalid_account": DeclineReason.CARD_NOT_PERMITTED,
    "invalid_cvc": DeclineReason.CARD_DETAILS,
    "invalid_expiry_month": DeclineReason.CARD_DETAILS,
    "invalid_expiry_year": DeclineReason.CARD_DETAILS,
    "invalid_number": DeclineReason.CARD_DETAILS,
    "issuer_not_available": DeclineReason.TRY_AGAIN,
    "processing_error": DeclineReason.TRY_AGAIN,
    "reenter_transaction": DeclineReason.TRY_AGAIN,
    "transaction_not_allowed": DeclineReason.CARD_NOT_PERMITTED,
    "try_again_later": DeclineReason.TRY_AGAIN,
    "withdrawal_count_limit_exceeded": DeclineReason.LIMIT_EXCEEDED,
}


def decline_of(error: Mapping[str, Any]) -> DeclineReason:
    """Return what the payer may hear about a Stripe error object; everything unlisted is a plain decline."""
    for name in ("decline_code", "code"):
        if (reason := DECLINES.get(str(error.get(name) or ""))) is not None:
            return reason
    return DeclineReason.DECLINED


@contextmanager
def translated() -> Iterator[None]:
    """Turn stripe-python's exceptions into the port's, without keeping Stripe's texts."""
    try:
        yield
    except stripe.StripeError as error:
        raise error_of(error) from error


def error_of(error: stripe.StripeError) -> ProviderError:
    """Return the port's error that says what may be done next.

    A reused idempotency key is "unknown", because the call that first used the key may have taken effect.
    """
    code = str(error.code or "")
    match error:
        case stripe.APIConnectionError():
            if isinstance(error.__cause__, NEVER_SENT):
                return ProviderUnreachable(PROVIDER, "unreachable", type(error.__cause__).__name__)
            return ProviderUnknown(PROVIDER, "no_answer", type(error.__cause__).__name__)
        case stripe.RateLimitError():
            return ProviderUnreachable(PROVIDER, "http_429")
        case stripe.AuthenticationError() | stripe.PermissionError():
            return ProviderMisconfigured(PROVIDER, code or f"http_{error.http_status}")
        case stripe.CardError():
            details = error.error.to_dict() if error.error else {}
            reason = decline_of(details)
            return ProviderRefused(PROVIDER, code or "card_error", group="card_error", safe_reason=reason)
        case stripe.InvalidRequestError():
            detail = str(error.param or "")
            return ProviderRefused(PROVIDER, code or "invalid_request", group="invalid_request", detail=detail)
        case stripe.IdempotencyError():
            return ProviderUnknown(PROVIDER, "idempotency_error")
        case _:
            return ProviderUnknown(PROVIDER, f"http_{error.http_status}" if error.http_status else "garbage")
