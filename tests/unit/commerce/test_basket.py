"""What providers are told adds up, whatever the prices and however little is still owed."""

from types import SimpleNamespace

from hypothesis import assume, given
from hypothesis import strategies as st

from belgenet.commerce.payments.services.asking import basket


def _lines(totals):
    return [
        SimpleNamespace(id=number, title=f"line {number}", category="x", total_minor=total)
        for number, total in enumerate(totals)
    ]


@given(totals=st.lists(st.integers(0, 10**9), min_size=1, max_size=20), part=st.floats(0, 1))
def test_a_part_payment_is_spread_over_the_lines_to_the_last_unit(totals, part):
    assume(sum(totals) > 0)
    amount = max(1, int(sum(totals) * part))
    items = basket(_lines(totals), amount)
    assert sum(item.amount_minor for item in items) == amount
    assert all(item.amount_minor >= 0 for item in items)
    for item in items:
        assert item.amount_minor <= totals[int(item.line_id)]


@given(totals=st.lists(st.integers(1, 10**9), min_size=1, max_size=20))
def test_a_whole_payment_names_every_line_with_its_price(totals):
    items = basket(_lines(totals), sum(totals))
    assert [item.amount_minor for item in items] == totals


def test_lines_that_cost_nothing_stay_away_from_the_provider():
    assert [item.line_id for item in basket(_lines([0, 5, 0]), 5)] == ["1"]
