"""Money: integer minor units inside, ``{"amount": "125.00", "currency": "TRY"}`` outside. No floats anywhere."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Annotated, Any

from pydantic import ConfigDict, Field, field_validator

from belgenet.core.web.schema import In, Out

EXPONENTS = {
    **dict.fromkeys(("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI"), 0),
    **dict.fromkeys(("VND", "VUV", "XAF", "XOF", "XPF"), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
}
"""ISO 4217 minor unit exponents that are not 2."""

Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]


def exponent(currency: str) -> int:
    """Decimal places of a currency's minor unit (ISO 4217)."""
    return EXPONENTS.get(currency, 2)


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """An amount in minor units of a currency. Amounts of two currencies do not add up."""

    minor: int
    currency: str

    def __add__(self, other: "Money") -> "Money":
        if other.currency != self.currency:
            raise ValueError(f"{self.currency} + {other.currency}")
        return Money(self.minor + other.minor, self.currency)

    @property
    def amount(self) -> Decimal:
        """In major units, with the currency's number of places."""
        return Decimal(self.minor).scaleb(-exponent(self.currency))

    @property
    def text(self) -> str:
        """In major units as decimal text, ``"125.00"``."""
        return decimal_text(self.minor, self.currency)

    @classmethod
    def of(cls, amount: Decimal | str, currency: str) -> "Money":
        """From major units. :raises ValueError: more places than the currency has."""
        minor = Decimal(amount).scaleb(exponent(currency))
        if minor != minor.to_integral_value():
            raise ValueError(f"{amount} has more places than {currency}")
        return cls(int(minor), currency)


def decimal_text(minor: int, currency: str) -> str:
    """Minor units as decimal text in major units, ``"125.00"``."""
    places = exponent(currency)
    if not places:
        return str(minor)
    whole, part = divmod(abs(minor), 10**places)
    return f"{'-' if minor < 0 else ''}{whole}.{part:0{places}d}"


class MoneyOut(Out):
    """Money in an answer; frozen, because equal amounts share one object."""

    model_config = ConfigDict(frozen=True)

    amount: str
    currency: str

    @staticmethod
    @lru_cache(maxsize=4096)
    def of(minor: int, currency: str) -> "MoneyOut":
        """From minor units. Lists repeat their prices, and most of a list is amounts."""
        return MoneyOut(amount=decimal_text(minor, currency), currency=currency)


class MoneyIn(In):
    """Money in a request; the amount is decimal text with no more places than the currency has."""

    amount: str = Field(pattern=r"^[0-9]{1,12}(\.[0-9]{1,3})?$")
    currency: Currency

    @field_validator("currency")
    @classmethod
    def _fits(cls, currency: str, info: Any) -> str:
        if "amount" in info.data:
            Money.of(info.data["amount"], currency)
        return currency

    @property
    def minor(self) -> int:
        """In minor units."""
        return Money.of(self.amount, self.currency).minor


def round_half_up(value: Decimal) -> int:
    """To the nearest minor unit, halves away from zero, as Turkish KDV practice rounds lines."""
    return int(value.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def tax_included(gross_minor: int, rate_percent: Decimal) -> tuple[int, int]:
    """Split a KDV-inclusive line: (net, tax), net = round(gross / (1 + r)), tax = gross - net."""
    net = round_half_up(Decimal(gross_minor) / (1 + rate_percent / 100))
    return net, gross_minor - net


def split(total: int, weights: list[int]) -> list[int]:
    """Share ``total`` by weights so that the parts add up to it (largest remainder). Weights >= 0, not all 0."""
    whole = sum(weights)
    parts = [total * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda i: (-(total * weights[i] % whole), i))
    for i in by_remainder[: total - sum(parts)]:
        parts[i] += 1
    return parts
