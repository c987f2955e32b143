"""iyzico payment notifications, reduced to a hint. They carry neither time stamp nor amount under their
signature.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from belgenet.commerce.payments.providers.errors import BadSignature, MalformedWebhook
from belgenet.commerce.payments.providers.interfaces import Lookup, WebhookHint
from belgenet.commerce.payments.providers.iyzico.config import PROVIDER, IyzicoConfig
from belgenet.commerce.payments.providers.iyzico.signatures import same, webhook_signature

SIGNATURE_HEADER = "x-iyz-signature-v3"
BODY_LIMIT = 64 * 1024
TEXT_LIMIT = 200
TEXTS = (
    "iyziEventType",
    "iyziPaymentId",
    "paymentId",
    "paymentConversationId",
    "status",
    "token",
    "iyziReferenceCode",
)


def parse(config: IyzicoConfig, headers: Mapping[str, str], raw_body: bytes) -> WebhookHint:
    """Check a notification's V3 signature and return what to query.

    V3 signatures are off until iyzico switches them on for a merchant: an unsigned notification is accepted
    as an unsigned hint where the configuration allows it, a wrongly signed one never.
    """
    body = _read(raw_body)
    seen = {name.lower(): value for name, value in headers.items()}.get(SIGNATURE_HEADER)
    if seen:
        if not same(webhook_signature(config.secret_key, body), seen):
            raise BadSignature(PROVIDER, "signature_wrong")
    elif not config.allow_unsigned_webhooks:
        raise BadSignature(PROVIDER, "signature_absent")
    event_type, status = _text(body, "iyziEventType"), _text(body, "status")
    reference = _text(body, "iyziReferenceCode") or hashlib.sha256(raw_body).hexdigest()
    lookup = Lookup(
        attempt_id=_text(body, "paymentConversationId"),
        token=_text(body, "token"),
        provider_ref=_text(body, "iyziPaymentId") or _text(body, "paymentId"),
    )
    if not event_type or lookup == Lookup():
        raise MalformedWebhook(PROVIDER, "not_a_payment_event")
    return WebhookHint(
        provider=PROVIDER,
        event_key=f"{reference}:{event_type}:{status or ''}",
        event_type=event_type,
        lookup=lookup,
        status_hint=status,
        signed=bool(seen),
        occurred_at=_time(body.get("iyziEventTime")),
    )


def _read(raw_body: bytes) -> dict[str, Any]:
    if len(raw_body) > BODY_LIMIT:
        raise MalformedWebhook(PROVIDER, "too_large")
    try:
        body = json.loads(raw_body)
    except (ValueError, RecursionError) as error:
        raise MalformedWebhook(PROVIDER, "not_json") from error
    if not isinstance(body, dict):
        raise MalformedWebhook(PROVIDER, "not_an_object")
    for name in TEXTS:
        value = body.get(name)
        if isinstance(value, bool | float | list | dict) or not _harmless(str(value)):
            raise MalformedWebhook(PROVIDER, "bad_field", name)
    return body


def _harmless(text: str) -> bool:
    return len(text) <= TEXT_LIMIT and text.isprintable()


def _text(body: Mapping[str, Any], name: str) -> str | None:
    value = body.get(name)
    return None if value is None or value == "" else str(value)


def _time(value: Any) -> datetime | None:
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    try:
        return datetime.fromtimestamp(value / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return None
