"""Stripe events, checked and reduced to a hint."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import stripe

from belgenet.commerce.payments.providers.errors import BadSignature, MalformedWebhook
from belgenet.commerce.payments.providers.interfaces import Lookup, WebhookHint
from belgenet.commerce.payments.providers.stripe.config import PROVIDER, StripeConfig

SIGNATURE_HEADER = "stripe-signature"
BODY_LIMIT = 512 * 1024
TEXT_LIMIT = 255


def parse(config: StripeConfig, headers: Mapping[str, str], raw_body: bytes, now: datetime) -> WebhookHint:
    """Verify an event against every configured secret and return what to query.

    stripe-python accepts events from any future; ours must be no older than the tolerance and no more than a
    minute ahead. Events about other objects come back with an empty lookup: accept and forget them.
    """
    if len(raw_body) > BODY_LIMIT:
        raise MalformedWebhook(PROVIDER, "too_large")
    header = {name.lower(): value for name, value in headers.items()}.get(SIGNATURE_HEADER, "")
    _verify(config, header, raw_body)
    age = now - _timestamp(header)
    if age > config.webhook_tolerance or -age > config.webhook_future:
        raise BadSignature(PROVIDER, "signature_time")
    event = _read(raw_body)
    key, kind, created = event.get("id"), event.get("type"), event.get("created")
    if not isinstance(key, str) or not isinstance(kind, str) or not _harmless(key) or not _harmless(kind):
        raise MalformedWebhook(PROVIDER, "not_an_event")
    data = event.get("data")
    source = data.get("object") if isinstance(data, dict) else None
    source = source if isinstance(source, dict) else {}
    status = source.get("payment_status") or source.get("status")
    return WebhookHint(
        provider=PROVIDER,
        event_key=key,
        event_type=kind,
        lookup=_lookup(source),
        status_hint=status if isinstance(status, str) and _harmless(status) else None,
        occurred_at=_time(created),
    )


def _verify(config: StripeConfig, header: str, raw_body: bytes) -> None:
    if not header:
        raise BadSignature(PROVIDER, "signature_absent")
    if not header.isascii():
        raise BadSignature(PROVIDER, "signature_wrong")
    for secret in config.webhook_secrets:
        try:
            stripe.WebhookSignature.verify_header(raw_body, header, secret, tolerance=None)
        except stripe.SignatureVerificationError:
            continue
        except UnicodeDecodeError as error:
            raise MalformedWebhook(PROVIDER, "not_utf8") from error
        return
    raise BadSignature(PROVIDER, "signature_wrong")


def _timestamp(header: str) -> datetime:
    parts = dict(part.split("=", 1) for part in reversed(header.split(",")) if "=" in part)
    try:
        return datetime.fromtimestamp(int(parts["t"]), UTC)
    except (KeyError, ValueError, OverflowError, OSError) as error:
        raise BadSignature(PROVIDER, "signature_time") from error


def _read(raw_body: bytes) -> dict[str, Any]:
    try:
        event = json.loads(raw_body)
    except (ValueError, RecursionError) as error:
        raise MalformedWebhook(PROVIDER, "not_json") from error
    if not isinstance(event, dict):
        raise MalformedWebhook(PROVIDER, "not_an_object")
    return event


def _lookup(source: Mapping[str, Any]) -> Lookup:
    metadata = source.get("metadata")
    attempt = _text(metadata.get("attempt_id")) if isinstance(metadata, dict) else None
    match source.get("object"):
        case "checkout.session":
            token, intent = _text(source.get("id")), _text(source.get("payment_intent"))
            return Lookup(attempt_id=attempt, token=token, provider_ref=intent)
        case "payment_intent":
            return Lookup(attempt_id=attempt, provider_ref=_text(source.get("id")))
        case "charge" | "refund":
            return Lookup(attempt_id=attempt, provider_ref=_text(source.get("payment_intent")))
        case "dispute":
            intent, dispute = _text(source.get("payment_intent")), _text(source.get("id"))
            return Lookup(attempt_id=attempt, provider_ref=intent, dispute_ref=dispute)
        case _:
            return Lookup()


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value and _harmless(value) else None


def _harmless(text: str) -> bool:
    return len(text) <= TEXT_LIMIT and text.isprintable()


def _time(value: Any) -> datetime | None:
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    try:
        return datetime.fromtimestamp(value, UTC)
    except (ValueError, OverflowError, OSError):
        return None
