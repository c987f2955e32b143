"""Charges and refunds of the account as lines of the provider's books."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from belgenet.commerce.payments.providers.errors import ProviderUnknown
from belgenet.commerce.payments.providers.interfaces import EntryKind, ProviderEntry
from belgenet.commerce.payments.providers.stripe.amounts import from_stripe
from belgenet.commerce.payments.providers.stripe.config import PROVIDER


def entries(charges: Iterable[Mapping[str, Any]], refunds: Iterable[Mapping[str, Any]]) -> tuple[ProviderEntry, ...]:
    """What succeeded of both. Raises ProviderUnknown when a line cannot be read."""
    try:
        paid = [_entry(EntryKind.PAYMENT, doc, "attempt_id") for doc in charges if doc.get("status") == "succeeded"]
        back = [_entry(EntryKind.REFUND, doc, "refund_id") for doc in refunds if doc.get("status") == "succeeded"]
    except (ValueError, TypeError, KeyError, OSError, OverflowError) as error:
        raise ProviderUnknown(PROVIDER, "garbage", str(error)) from error
    return tuple(paid + back)


def _entry(kind: EntryKind, doc: Mapping[str, Any], our_id: str) -> ProviderEntry:
    currency = str(doc["currency"]).upper()
    return ProviderEntry(
        kind=kind,
        provider_ref=str(doc.get("payment_intent") or doc["id"]),
        entry_ref=str(doc["id"]),
        our_id=(doc.get("metadata") or {}).get(our_id),
        amount_minor=from_stripe(doc["amount"], currency),
        currency=currency,
        at=datetime.fromtimestamp(doc["created"], UTC),
    )
