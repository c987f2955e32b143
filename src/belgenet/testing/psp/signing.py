"""The provider's side of every signature, written from the protocols' texts and not from our adapters."""

import hashlib
import hmac
import re
from base64 import b64decode
from binascii import Error as Base64Error
from typing import Any

AUTHORIZATION = re.compile(r"apiKey:(?P<key>.*)&randomKey:(?P<random>.*)&signature:(?P<signature>[0-9a-f]{64})")


def sha256_hex(secret: str, message: bytes) -> str:
    """Return the hexadecimal HMAC-SHA256 of a message."""
    return hmac.digest(secret.encode(), message, hashlib.sha256).hex()


def iyzico_refusal(header: str, key: str, secret: str, path: str, raw: bytes) -> str | None:
    """Check an IYZWSv2 header over the raw bytes received; return iyzico's error code, or None when it
    is right.
    """
    scheme, _, encoded = header.partition(" ")
    try:
        plain = b64decode(encoded, validate=True).decode()
    except (Base64Error, UnicodeDecodeError):
        return "1000"
    parts = AUTHORIZATION.fullmatch(plain)
    if scheme != "IYZWSv2" or parts is None:
        return "1000"
    if parts["key"] != key:
        return "1001"
    expected = sha256_hex(secret, b"".join([parts["random"].encode(), path.encode(), raw]))
    return None if hmac.compare_digest(expected, parts["signature"]) else "1000"


def bare(amount: str) -> str:
    """Return an amount without trailing zeros, as iyzico signs it: 100.50 -> 100.5, 100.00 -> 100."""
    return re.sub(r"\.?0+$", "", amount) if "." in amount else amount


def iyzico_answer(secret: str, values: list[str]) -> str:
    """Sign the fields of an answer, in iyzico's order."""
    return sha256_hex(secret, ":".join(values).encode())


def iyzico_webhook(secret: str, body: dict[str, Any]) -> str:
    """Sign a notification (V3): hosted pages name the token, direct payments do not."""
    text = secret + body["iyziEventType"]
    text += str(body["iyziPaymentId"]) + body["token"] if "token" in body else str(body["paymentId"])
    return sha256_hex(secret, (text + body["paymentConversationId"] + body["status"]).encode())


def stripe_webhook(secret: str, raw: bytes, timestamp: int) -> str:
    """Return the Stripe-Signature header of an event."""
    return f"t={timestamp},v1={sha256_hex(secret, str(timestamp).encode() + b'.' + raw)}"
