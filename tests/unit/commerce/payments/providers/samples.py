"""Attempts and answers the provider tests start from."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from belgenet.commerce.payments.providers.interfaces import (
    AttemptRef,
    AttemptRequest,
    BasketItem,
    Buyer,
    RefundRequest,
)
from belgenet.commerce.payments.providers.iyzico.config import BuyerDefaults, IyzicoConfig
from belgenet.commerce.payments.providers.stripe.config import StripeConfig

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
IYZICO = IyzicoConfig(
    api_key="sandbox-key",
    secret_key="sandbox-secret",
    base_url="http://iyzico.invalid",
    buyer_defaults=BuyerDefaults(identity_number="74300864791", phone="+905350000000", address="-", city="Ankara"),
)
STRIPE = StripeConfig(secret_key="sk_test_1", webhook_secrets=("whsec_1", "whsec_0"), api_base="http://stripe.invalid")


def attempt(**changes: Any) -> AttemptRequest:
    values: dict[str, Any] = {
        "attempt_id": "0192f0c1-attempt",
        "order_number": "KC-2026-000001",
        "amount_minor": 12550,
        "currency": "TRY",
        "locale": "tr",
        "buyer": Buyer(id="u1", full_name="Ayşe Nur Şahin", email="ayse@example.org"),
        "items": (
            BasketItem(line_id="line-1", name="Büyükbaş hissesi", category="kurban_share", amount_minor=10000),
            BasketItem(line_id="line-2", name="Bağış", category="donation", amount_minor=2550),
        ),
        "return_url": "https://vakif.example.org/api/v1/payments/iyzico/return",
        "cancel_url": "https://vakif.example.org/orders/1",
        "started_at": NOW,
    }
    return AttemptRequest(**(values | changes))


def ref(**changes: Any) -> AttemptRef:
    values: dict[str, Any] = {
        "attempt_id": "0192f0c1-attempt",
        "order_number": "KC-2026-000001",
        "amount_minor": 12550,
        "currency": "TRY",
        "token": "token-1",
        "expires_at": NOW + timedelta(minutes=30),
    }
    return AttemptRef(**(values | changes))


def refund(**changes: Any) -> RefundRequest:
    values: dict[str, Any] = {
        "refund_id": "0192f0c1-refund",
        "attempt_id": "0192f0c1-attempt",
        "provider_ref": "22400001",
        "amount_minor": 11000,
        "currency": "TRY",
        "requested_at": NOW,
    }
    return RefundRequest(**(values | changes))


def iyzico_success(**changes: Any) -> dict[str, Any]:
    """An authentic answer to "retrieve" for a paid form, as parsed with exact numbers."""
    values: dict[str, Any] = {
        "status": "success",
        "paymentStatus": "SUCCESS",
        "paymentId": "22400001",
        "conversationId": "0192f0c1-attempt",
        "basketId": "KC-2026-000001",
        "token": "token-1",
        "currency": "TRY",
        "price": Decimal("125.50"),
        "paidPrice": Decimal("125.50000000"),
        "installment": 1,
        "fraudStatus": 1,
        "cardAssociation": "MASTER_CARD",
        "lastFourDigits": "0008",
        "iyziCommissionRateAmount": Decimal("3.63950000"),
        "iyziCommissionFee": Decimal("0.25000000"),
        "itemTransactions": [
            {"itemId": "line-1", "paymentTransactionId": "24000001", "price": Decimal("100.00")},
            {"itemId": "line-2", "paymentTransactionId": "24000002", "price": Decimal("25.50")},
        ],
    }
    return values | changes


def stripe_intent(**changes: Any) -> dict[str, Any]:
    """A succeeded PaymentIntent with its charge and balance transaction expanded."""
    values: dict[str, Any] = {
        "id": "pi_1",
        "object": "payment_intent",
        "status": "succeeded",
        "amount": 12550,
        "amount_received": 12550,
        "currency": "try",
        "livemode": False,
        "metadata": {"attempt_id": "0192f0c1-attempt", "order_number": "KC-2026-000001"},
        "latest_charge": {
            "id": "ch_1",
            "amount_refunded": 0,
            "outcome": {"type": "authorized"},
            "payment_method_details": {"card": {"brand": "visa", "last4": "4242"}},
            "balance_transaction": {"id": "txn_1", "fee": 394, "currency": "try"},
        },
    }
    return values | changes


def stripe_session(**changes: Any) -> dict[str, Any]:
    """A completed Checkout Session with its PaymentIntent expanded."""
    values: dict[str, Any] = {
        "id": "token-1",
        "object": "checkout.session",
        "status": "complete",
        "payment_status": "paid",
        "amount_total": 12550,
        "currency": "try",
        "client_reference_id": "0192f0c1-attempt",
        "payment_intent": stripe_intent(),
    }
    return values | changes
