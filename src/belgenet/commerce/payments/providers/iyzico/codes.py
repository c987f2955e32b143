"""iyzico's error codes sorted by what we do about them (docs.iyzico.com error codes; see `errors.py`)."""

from collections.abc import Mapping
from typing import Any

from belgenet.commerce.payments.providers.errors import (
    DeclineReason,
    ProviderError,
    ProviderMisconfigured,
    ProviderRefused,
    ProviderUnknown,
)
from belgenet.commerce.payments.providers.iyzico.config import PROVIDER

NO_SUCH_PAYMENT = "5087"
OUTCOME_UNKNOWN = frozenset({"10214", "10219", "10228", "10240", "10241", "10242"})
OURS_TO_FIX = frozenset({"1000", "1001", "1002", "1003", "1004", "1005", "1006", "1007", "1008", "1009", "9000"})
BANK_CODES = range(10_000, 11_000)

DECLINES: Mapping[str, DeclineReason] = {
    "12": DeclineReason.CARD_DETAILS,
    "13": DeclineReason.CARD_DETAILS,
    "14": DeclineReason.CARD_DETAILS,
    "15": DeclineReason.CARD_DETAILS,
    "10051": DeclineReason.INSUFFICIENT_FUNDS,
    "10054": DeclineReason.EXPIRED_CARD,
    "10057": DeclineReason.CARD_NOT_PERMITTED,
    "10058": DeclineReason.CARD_NOT_PERMITTED,
    "10084": DeclineReason.CARD_DETAILS,
    "10093": DeclineReason.CARD_NOT_PERMITTED,
    "10201": DeclineReason.CARD_NOT_PERMITTED,
    "10215": DeclineReason.CARD_DETAILS,
    "10216": DeclineReason.CARD_DETAILS,
    "10217": DeclineReason.AUTHENTICATION,
    "10218": DeclineReason.CARD_NOT_PERMITTED,
    "10221": DeclineReason.CARD_NOT_PERMITTED,
    "10222": DeclineReason.CARD_NOT_PERMITTED,
    "10224": DeclineReason.LIMIT_EXCEEDED,
    "10227": DeclineReason.CARD_DETAILS,
    "10230": DeclineReason.TRY_AGAIN,
}


def decline_of(code: str) -> DeclineReason:
    """Return what the payer may hear about an error code; everything unlisted is a plain decline."""
    return DECLINES.get(code, DeclineReason.DECLINED)


def is_bank_decline(code: str) -> bool:
    """Say whether the code is the bank's answer about a card, not iyzico's about our request."""
    return code.isascii() and code.isdigit() and int(code) in BANK_CODES and code not in OUTCOME_UNKNOWN


def error_of(answer: Mapping[str, Any]) -> ProviderError:
    """Turn a failure envelope into the error that says what may be done next."""
    code = str(answer.get("errorCode") or "")
    group = str(answer.get("errorGroup") or "")
    if not code or code in OUTCOME_UNKNOWN:
        return ProviderUnknown(PROVIDER, code or "failure_without_code", group)
    if code in OURS_TO_FIX:
        return ProviderMisconfigured(PROVIDER, code, group)
    retryable = answer.get("retryable") is True
    return ProviderRefused(PROVIDER, code, group=group, safe_reason=decline_of(code), retryable=retryable)
