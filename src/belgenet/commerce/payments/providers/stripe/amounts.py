"""Stripe's minor units, which are ISO 4217's but for a few currencies (docs.stripe.com/currencies)."""

from belgenet.commerce.payments.providers.errors import ProviderMisconfigured
from belgenet.commerce.payments.providers.stripe.config import PROVIDER
from belgenet.core.money import exponent

# No decimals in ISO 4217, but Stripe takes them in hundredths, which must be zero.
HUNDREDTHS = frozenset({"ISK", "UGX"})
THREE_DECIMALS = 3


def to_stripe(minor: int, currency: str) -> int:
    """Return our minor units as Stripe's. Raises ProviderMisconfigured for an amount Stripe cannot charge."""
    if currency in HUNDREDTHS:
        return minor * 100
    if exponent(currency) == THREE_DECIMALS and minor % 10:
        raise ProviderMisconfigured(PROVIDER, "amount_too_fine", currency)
    return minor


def from_stripe(amount: object, currency: str) -> int:
    """Return Stripe's minor units as ours. Raises ValueError for what is no whole amount."""
    if isinstance(amount, bool) or not isinstance(amount, int):
        raise ValueError(f"not an amount: {amount!r}")  # noqa: TRY004 - a bad value on the wire
    if currency not in HUNDREDTHS:
        return amount
    if amount % 100:
        raise ValueError(f"{amount} is finer than the smallest unit of {currency}")
    return amount // 100
