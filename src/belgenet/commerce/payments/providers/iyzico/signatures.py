"""IYZWSv2 request signatures, response signatures and V3 webhook signatures, as iyzico documents them.

Sources: docs.iyzico.com "response signature validation" and "webhook"; the published examples are our unit
tests.
"""

import hashlib
import hmac
from base64 import b64encode
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

AMOUNT_FIELDS = frozenset({"price", "paidPrice"})
PAYMENT_FIELDS = ("paymentId", "currency", "basketId", "conversationId", "paidPrice", "price")
INITIALIZE_FIELDS = ("conversationId", "token")
RETRIEVE_FIELDS = ("paymentStatus", *PAYMENT_FIELDS, "token")
HOSTED_WEBHOOK_FIELDS: tuple[str, ...] = (
    "iyziEventType",
    "iyziPaymentId",
    "token",
    "paymentConversationId",
    "status",
)
DIRECT_WEBHOOK_FIELDS: tuple[str, ...] = ("iyziEventType", "paymentId", "paymentConversationId", "status")
REFUND_FIELDS = ("paymentId", "price", "currency", "conversationId")


def hmac_hex(secret: str, message: bytes) -> str:
    """Return the lower-case hexadecimal HMAC-SHA256 of `message`."""
    return hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()


def authorization(api_key: str, secret: str, random_key: str, path: str, raw_body: bytes) -> str:
    """Return the IYZWSv2 header for a request; `path` has neither host nor query, `raw_body` is what is
    sent.
    """
    signature = hmac_hex(secret, random_key.encode() + path.encode() + raw_body)
    plain = f"apiKey:{api_key}&randomKey:{random_key}&signature:{signature}"
    return "IYZWSv2 " + b64encode(plain.encode()).decode()


def strip_zeros(amount: Any) -> str:
    """Return an amount as iyzico signs it, without trailing zeros: 10.50 -> 10.5, 10.0 -> 10, 100 -> 100."""
    text = format(Decimal(str(amount)), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def response_signature(secret: str, answer: Mapping[str, Any], fields: tuple[str, ...]) -> str:
    """Return the signature an answer should carry. Raises ArithmeticError when an amount is no number."""
    return hmac_hex(secret, ":".join(_field(answer, name) for name in fields).encode())


def response_is_authentic(secret: str, answer: Mapping[str, Any], fields: tuple[str, ...]) -> bool:
    """Say whether an answer's `signature` covers its fields; an absent or unreadable one does not."""
    seen = answer.get("signature")
    if not isinstance(seen, str):
        return False
    try:
        expected = response_signature(secret, answer, fields)
    except ArithmeticError:
        return False
    return same(expected, seen)


def webhook_signature(secret: str, body: Mapping[str, Any]) -> str:
    """Return the V3 signature of a payment notification; hosted page notifications are those with a
    `token`.
    """
    names = HOSTED_WEBHOOK_FIELDS if "token" in body else DIRECT_WEBHOOK_FIELDS
    return hmac_hex(secret, (secret + "".join(_field(body, name) for name in names)).encode())


def same(expected: str, seen: str) -> bool:
    """Compare two signatures in constant time; any bytes may come from outside."""
    return hmac.compare_digest(expected.encode(), seen.encode("utf-8", "surrogatepass"))


def _field(source: Mapping[str, Any], name: str) -> str:
    value = source.get(name)
    if value is None:
        return ""
    return strip_zeros(value) if name in AMOUNT_FIELDS else str(value)
