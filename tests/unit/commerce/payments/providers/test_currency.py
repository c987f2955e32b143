from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from belgenet.commerce.payments.providers.currency import to_minor, to_minor_rounded, to_text
from belgenet.commerce.payments.providers.errors import ProviderMisconfigured
from belgenet.commerce.payments.providers.stripe.amounts import fee_from_stripe, from_stripe, to_stripe

CURRENCIES = st.sampled_from(["TRY", "USD", "EUR", "JPY", "KRW", "KWD", "BHD", "ISK", "UGX", "TND"])


@pytest.mark.parametrize(
    ("minor", "currency", "text"),
    [
        (12550, "TRY", "125.50"),
        (1, "TRY", "0.01"),
        (0, "TRY", "0.00"),
        (100, "JPY", "100"),
        (1, "KWD", "0.001"),
        (12345, "KWD", "12.345"),
        (10**15, "TRY", "10000000000000.00"),
    ],
)
def test_minor_units_as_text(minor, currency, text):
    assert to_text(minor, currency) == text
    assert to_minor(text, currency) == minor


@given(st.integers(0, 10**12), CURRENCIES)
def test_text_and_back_is_the_same_amount(minor, currency):
    assert to_minor(to_text(minor, currency), currency) == minor
    assert to_minor(Decimal(to_text(minor, currency)), currency) == minor


@given(st.integers(0, 10**9), st.integers(1, 8))
def test_trailing_zeros_change_nothing(minor, zeros):
    assert to_minor(to_text(minor, "TRY") + "0" * zeros, "TRY") == minor


@pytest.mark.parametrize("amount", [1.5, True, None, "", "abc", "NaN", "Infinity", [], "1.005", Decimal("0.001")])
def test_what_is_no_exact_amount_is_refused(amount):
    with pytest.raises(ValueError, match=r"amount|finer"):
        to_minor(amount, "TRY")


@pytest.mark.parametrize(("amount", "minor"), [("3.63950000", 364), ("0.005", 1), ("0.0049", 0), (2, 200)])
def test_fees_are_rounded_half_up(amount, minor):
    assert to_minor_rounded(amount, "TRY") == minor


@pytest.mark.parametrize(
    ("minor", "currency", "stripe"),
    [(12550, "TRY", 12550), (500, "JPY", 500), (500, "ISK", 50000), (7, "UGX", 700), (12340, "KWD", 12340)],
)
def test_stripe_counts_some_currencies_its_own_way(minor, currency, stripe):
    assert to_stripe(minor, currency) == stripe
    assert from_stripe(stripe, currency) == minor


@given(st.integers(1, 10**10), st.sampled_from(["TRY", "JPY", "ISK", "UGX", "USD"]))
def test_stripe_amounts_round_trip(minor, currency):
    assert from_stripe(to_stripe(minor, currency), currency) == minor


def test_stripe_cannot_charge_a_thousandth():
    with pytest.raises(ProviderMisconfigured, match="amount_too_fine"):
        to_stripe(12345, "KWD")


@pytest.mark.parametrize("amount", [None, "12", True, 1.0])
def test_stripe_amounts_are_whole_numbers(amount):
    with pytest.raises(ValueError, match="not an amount"):
        from_stripe(amount, "TRY")


def test_stripe_hundredths_of_a_currency_without_must_be_zero():
    with pytest.raises(ValueError, match="finer"):
        from_stripe(150, "ISK")


@pytest.mark.parametrize(("fee", "currency", "minor"), [(2640, "ISK", 26), (2650, "ISK", 27), (394, "TRY", 394)])
def test_stripe_fees_may_be_finer_than_the_currency(fee, currency, minor):
    assert fee_from_stripe(fee, currency) == minor
