"""Money never loses or makes a kuruş."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from belgenet.core.money import Money, MoneyIn, MoneyOut, round_half_up, split, tax_included

MINOR = st.integers(min_value=0, max_value=10**12 - 1)


@given(MINOR, st.sampled_from(["TRY", "JPY", "KWD", "EUR"]))
def test_out_and_in_again_is_the_same_amount(minor: int, currency: str) -> None:
    shown = MoneyOut.of(minor, currency)
    assert MoneyIn(amount=shown.amount, currency=currency).minor == minor


def test_places_follow_the_currency() -> None:
    assert MoneyOut.of(12500, "TRY").amount == "125.00"
    assert MoneyOut.of(12500, "JPY").amount == "12500"
    assert MoneyOut.of(12500, "KWD").amount == "12.500"


@given(st.integers(min_value=-(10**12), max_value=10**12), st.sampled_from(["TRY", "JPY", "KWD", "EUR"]))
def test_text_is_the_amount_with_all_its_places(minor: int, currency: str) -> None:
    money = Money(minor, currency)
    assert money.text == f"{money.amount:f}"


@pytest.mark.parametrize("amount", ["1.001", "-1", "1e3", "NaN", "1,5", "", "٣", "1.2.3"])
def test_amounts_that_are_none_are_refused(amount: str) -> None:
    with pytest.raises(ValidationError):
        MoneyIn(amount=amount, currency="TRY")


def test_currencies_do_not_add_up() -> None:
    with pytest.raises(ValueError, match="TRY"):
        Money(1, "TRY") + Money(1, "EUR")


@given(MINOR, st.sampled_from([Decimal(0), Decimal(1), Decimal(10), Decimal(20), Decimal("8.5")]))
def test_net_and_tax_make_the_gross(gross: int, rate: Decimal) -> None:
    net, tax = tax_included(gross, rate)
    assert net + tax == gross
    assert tax >= 0
    assert abs(Decimal(net) * rate / 100 - tax) <= 1


def test_halves_round_away_from_zero() -> None:
    assert [round_half_up(Decimal(value)) for value in ("0.5", "1.5", "2.5", "-0.5")] == [1, 2, 3, -1]


@given(MINOR, st.lists(st.integers(min_value=0, max_value=10**6), min_size=1, max_size=20).filter(any))
def test_parts_add_up_and_are_fair(total: int, weights: list[int]) -> None:
    parts = split(total, weights)
    assert sum(parts) == total
    whole = sum(weights)
    assert all(abs(part - total * weight / whole) <= 1 for part, weight in zip(parts, weights, strict=True))
