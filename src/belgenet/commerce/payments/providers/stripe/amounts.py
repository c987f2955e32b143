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
    whole = _whole(amount)
    if currency not in HUNDREDTHS:
        return whole
    if whole % 100:
        raise ValueError(f"{whole} is finer than the smallest unit of {currency}")
    return whole // 100


def fee_from_stripe(amount: object, currency: str) -> int:
    """Return a fee in our minor units, rounded half up: fees do come in hundredths of currencies without."""
    return (_whole(amount) + 50) // 100 if currency in HUNDREDTHS else _whole(amount)


def _whole(amount: object) -> int:
    if isinstance(amount, bool) or not isinstance(amount, int):
        raise ValueError(f"not an amount: {amount!r}")  # noqa: TRY004 - a bad value on the wire
    return amount
