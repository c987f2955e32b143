"""What may be kept of iyzico's traffic: a list of harmless fields, never a list of forbidden ones."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

KEPT = frozenset(
    """
    afterSettlement authCode basketId binNumber callbackUrl cancels cardAssociation cardFamily
    cardType conversationId currency currencyCode enabledInstallments errorCode errorGroup
    errorMessage fraudStatus hostReference installment itemId itemTransactions iyziCommissionFee
    iyziCommissionRateAmount iyziEventType lastFourDigits locale mdStatus merchantPayoutAmount
    paidPrice paymentConversationId paymentGroup paymentId paymentRefundStatus paymentStatus
    paymentTransactionId payments phase price reason refundConversationId refundHostReference
    refundPrice refundStatus refundTxId refunds retryable status systemTime tokenExpireTime
    transactionStatus
    """.split()  # noqa: SIM905 - fifty quoted names are harder to read
)


def redact(source: Mapping[str, Any]) -> dict[str, Any]:
    """Return the harmless part of a request or answer as JSON-safe values (amounts as text)."""
    return {key: _plain(value) for key, value in source.items() if key in KEPT}


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return redact(value)
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Decimal):
        return format(value, "f")
    return value
