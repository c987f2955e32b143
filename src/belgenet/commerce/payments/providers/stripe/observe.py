"""From a Checkout Session and its PaymentIntent to an `Observation`, with every check before "confirmed"."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from belgenet.commerce.payments.providers.errors import DeclineReason, ProviderUnknown
from belgenet.commerce.payments.providers.interfaces import (
    AttemptRef,
    Mismatch,
    Observation,
    PaymentState,
)
from belgenet.commerce.payments.providers.stripe.amounts import fee_from_stripe, from_stripe
from belgenet.commerce.payments.providers.stripe.codes import decline_of
from belgenet.commerce.payments.providers.stripe.config import PROVIDER

KEPT = ("id", "object", "status", "payment_status", "amount", "amount_total", "amount_received", "currency")


def observe_session(session: Mapping[str, Any], ref: AttemptRef, *, live: bool, expired: bool) -> Observation:
    """Read a session with its PaymentIntent expanded. Raises ProviderUnknown when it cannot be read."""
    intent = session.get("payment_intent")
    intent = intent if isinstance(intent, Mapping) else {}
    status, raw = str(session.get("status") or ""), _raw(session, intent)
    if status == "complete" and session.get("payment_status") == "paid":
        seen = _charged(intent, ref, live=live, raw=raw)
        wrong = tuple(_session_mismatches(session, ref))
        return _mismatched(seen, (*wrong, *seen.mismatches))
    decline = _decline(intent)
    if status == "expired":
        return Observation(
            state=PaymentState.FAILED,
            final=True,
            attempt_id=ref.attempt_id,
            decline=decline,
            raw_redacted=raw,
        )
    final = expired and status == "open"
    state = PaymentState.FAILED if final else PaymentState.PENDING
    return Observation(state=state, final=final, attempt_id=ref.attempt_id, decline=decline, raw_redacted=raw)


def observe_intent(intent: Mapping[str, Any], ref: AttemptRef, *, live: bool, expired: bool) -> Observation:
    """Read a PaymentIntent without its session. Raises ProviderUnknown when it cannot be read."""
    raw = _raw({}, intent)
    match intent.get("status"):
        case "succeeded":
            return _charged(intent, ref, live=live, raw=raw)
        case "canceled":
            state, final = PaymentState.FAILED, True
        case "requires_payment_method" if expired:
            state, final = PaymentState.FAILED, True
        case _:
            state, final = PaymentState.PENDING, False
    return Observation(
        state=state,
        final=final,
        attempt_id=ref.attempt_id,
        provider_ref=_id(intent),
        decline=_decline(intent),
        raw_redacted=raw,
    )


def _charged(intent: Mapping[str, Any], ref: AttemptRef, *, live: bool, raw: Mapping[str, Any]) -> Observation:
    charge = intent.get("latest_charge")
    charge = charge if isinstance(charge, Mapping) else {}
    card = (charge.get("payment_method_details") or {}).get("card") or {}
    currency = str(intent.get("currency") or "").upper()
    metadata = intent.get("metadata") or {}
    try:
        seen = Observation(
            state=PaymentState.CONFIRMED,
            final=True,
            attempt_id=ref.attempt_id,
            provider_ref=_id(intent),
            amount_minor=from_stripe(intent.get("amount_received"), currency),
            paid_minor=from_stripe(intent.get("amount_received"), currency),
            currency=currency,
            order_number=str(metadata.get("order_number") or ""),
            fraud_review=(charge.get("outcome") or {}).get("type") == "manual_review",
            card_brand=card.get("brand"),
            card_last4=card.get("last4"),
            fees_minor=_fees(charge, currency),
            refunded_minor=from_stripe(charge.get("amount_refunded", 0), currency),
            raw_redacted=raw,
        )
    except ValueError as error:
        raise ProviderUnknown(PROVIDER, "garbage", str(error)) from error
    pairs = [
        ("status", "succeeded", intent.get("status")),
        ("metadata.attempt_id", ref.attempt_id, metadata.get("attempt_id")),
        ("metadata.order_number", ref.order_number, seen.order_number),
        ("currency", ref.currency, seen.currency),
        ("amount_received", ref.amount_minor, seen.amount_minor),
        ("payment_intent", ref.provider_ref or seen.provider_ref, seen.provider_ref or "present"),
        ("livemode", live, intent.get("livemode")),
    ]
    return _mismatched(seen, tuple(_differences(pairs)))


def _session_mismatches(session: Mapping[str, Any], ref: AttemptRef) -> Iterable[Mismatch]:
    currency = str(session.get("currency") or "").upper()
    try:
        total: object = from_stripe(session.get("amount_total"), currency)
    except ValueError:
        total = session.get("amount_total")
    return _differences(
        [
            ("session", ref.token, session.get("id")),
            ("client_reference_id", ref.attempt_id, session.get("client_reference_id")),
            ("session.currency", ref.currency, currency),
            ("amount_total", ref.amount_minor, total),
        ]
    )


def _differences(pairs: Iterable[tuple[str, object, object]]) -> Iterable[Mismatch]:
    for name, expected, found in pairs:
        if expected != found:
            yield Mismatch(name=name, expected=str(expected), seen=str(found))


def _mismatched(seen: Observation, mismatches: tuple[Mismatch, ...]) -> Observation:
    return replace(seen, state=PaymentState.MISMATCH, mismatches=mismatches) if mismatches else seen


def _decline(intent: Mapping[str, Any]) -> DeclineReason | None:
    error = intent.get("last_payment_error")
    return decline_of(error) if isinstance(error, Mapping) else None


def _fees(charge: Mapping[str, Any], currency: str) -> int | None:
    balance = charge.get("balance_transaction")
    if not isinstance(balance, Mapping) or str(balance.get("currency") or "").upper() != currency:
        return None
    return fee_from_stripe(balance.get("fee"), currency)


def _id(source: Mapping[str, Any]) -> str | None:
    return str(source["id"]) if source.get("id") else None


def _raw(session: Mapping[str, Any], intent: Mapping[str, Any]) -> dict[str, Any]:
    parts = {"session": session, "payment_intent": intent}
    return {name: {key: part[key] for key in KEPT if key in part} for name, part in parts.items() if part}
