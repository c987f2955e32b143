"""Amounts on the wire: decimal text from minor units and back, exactly or not at all."""

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from belgenet.core.money import Money, exponent


def to_decimal(minor: int, currency: str) -> Decimal:
    """Return minor units as a decimal with the currency's full scale: 12500 TRY -> 125.00."""
    return Money(minor, currency).amount


def to_text(minor: int, currency: str) -> str:
    """Return minor units as plain decimal text with the currency's full scale."""
    return format(to_decimal(minor, currency), "f")


def to_minor(amount: Any, currency: str) -> int:
    """Return a provider's decimal amount (text, int or Decimal) as minor units.

    Raises ValueError for a float (already rounded somewhere), for what is no number, and for an amount finer
    than the currency's smallest unit.
    """
    scaled = _finite(amount).scaleb(exponent(currency))
    if scaled != scaled.to_integral_value():
        raise ValueError(f"{amount} is finer than the smallest unit of {currency}")
    return int(scaled)


def to_minor_rounded(amount: Any, currency: str) -> int:
    """Return an amount with more digits than the currency has (fees), rounded half up to minor units."""
    return int(_finite(amount).scaleb(exponent(currency)).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def _finite(amount: Any) -> Decimal:
    if isinstance(amount, bool | float) or not isinstance(amount, int | str | Decimal):
        raise ValueError(f"not an exact amount: {amount!r}")  # noqa: TRY004 - a bad value on the wire
    try:
        value = Decimal(amount)
    except ArithmeticError as error:
        raise ValueError(f"not an amount: {amount!r}") from error
    if not value.is_finite():
        raise ValueError(f"not a finite amount: {amount!r}")
    return value
