"""The parameters of a hosted Checkout Session."""

from typing import Any

from belgenet.commerce.payments.providers.errors import ProviderMisconfigured
from belgenet.commerce.payments.providers.interfaces import AttemptRequest, BasketItem
from belgenet.commerce.payments.providers.stripe.amounts import to_stripe
from belgenet.commerce.payments.providers.stripe.config import PROVIDER, StripeConfig

NAME_LIMIT = 250


def session_params(request: AttemptRequest, config: StripeConfig) -> dict[str, Any]:
    """Return what `checkout.sessions.create` sends; the same attempt always gives the same parameters.

    Raises ProviderMisconfigured when the lines do not add up or Stripe could not charge them.
    """
    items = [item for item in request.items if item.amount_minor]
    if request.amount_minor <= 0 or any(item.amount_minor < 0 for item in items):
        raise ProviderMisconfigured(PROVIDER, "amount_not_positive")
    if sum(item.amount_minor for item in items) != request.amount_minor:
        raise ProviderMisconfigured(PROVIDER, "basket_sum")
    metadata = {"attempt_id": request.attempt_id, "order_number": request.order_number}
    return {
        "mode": "payment",
        "line_items": [_line(item, request.currency) for item in items],
        "client_reference_id": request.attempt_id,
        "customer_email": request.buyer.email,
        "locale": "tr" if request.locale.startswith("tr") else "en",
        "success_url": return_url(request.return_url),
        "cancel_url": request.cancel_url,
        "expires_at": int((request.started_at + config.checkout_lifetime).timestamp()),
        "metadata": metadata,
        "payment_intent_data": {"metadata": metadata, "description": request.order_number},
    }


def return_url(url: str) -> str:
    """Return `url` with the place holder Stripe replaces by the session's id."""
    return f"{url}{'&' if '?' in url else '?'}session_id={{CHECKOUT_SESSION_ID}}"


def _line(item: BasketItem, currency: str) -> dict[str, Any]:
    return {
        "quantity": 1,
        "price_data": {
            "currency": currency.lower(),
            "unit_amount": to_stripe(item.amount_minor, currency),
            "product_data": {"name": item.name[:NAME_LIMIT]},
        },
    }
