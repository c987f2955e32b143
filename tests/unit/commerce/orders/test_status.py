"""The one function that says what an order's status is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from belgenet.commerce.orders.models import OrderStatus as S
from belgenet.commerce.orders.services.status import derive

TABLE = [
    # total, paid, refunded, allocated, canceled, expired
    ((100, 0, 0, False, False, False), S.PENDING),
    ((100, 0, 0, False, True, False), S.CANCELED),
    ((100, 0, 0, False, False, True), S.EXPIRED),
    ((100, 0, 0, False, True, True), S.CANCELED),
    ((100, 40, 0, False, False, False), S.PARTIALLY_PAID),
    ((100, 40, 40, False, False, False), S.REFUNDED),
    ((100, 100, 0, True, False, False), S.PAID),
    ((100, 100, 0, False, False, False), S.PAID_UNALLOCATED),
    ((100, 100, 0, False, True, False), S.PAID_UNALLOCATED),
    ((100, 100, 0, False, False, True), S.PAID_UNALLOCATED),
    ((100, 100, 0, True, False, True), S.PAID),
    ((100, 100, 30, True, False, False), S.PARTIALLY_REFUNDED),
    ((100, 100, 30, False, False, False), S.PARTIALLY_REFUNDED),
    ((100, 100, 100, True, False, False), S.REFUNDED),
    ((100, 200, 0, True, False, False), S.PAID),
    ((100, 200, 100, True, False, False), S.PAID),
    ((100, 200, 150, True, False, False), S.PARTIALLY_REFUNDED),
    ((100, 200, 200, True, False, False), S.REFUNDED),
    ((0, 0, 0, True, False, False), S.PAID),
    ((0, 0, 0, False, True, False), S.CANCELED),
]
NAMES = ("total", "paid", "refunded", "allocated", "canceled", "expired")


@pytest.mark.parametrize(("facts", "status"), TABLE)
def test_the_table(facts, status):
    assert derive(**dict(zip(NAMES, facts, strict=True))) is status


@given(
    total=st.integers(0, 1000),
    paid=st.integers(0, 3000),
    share=st.floats(0, 1),
    allocated=st.booleans(),
    canceled=st.booleans(),
    expired=st.booleans(),
)
def test_money_is_never_forgotten(total, paid, share, allocated, canceled, expired):
    """Whatever else happened, money that was kept shows in the status."""
    refunded = int(paid * share)
    status = derive(total=total, paid=paid, refunded=refunded, allocated=allocated, canceled=canceled, expired=expired)
    if paid - refunded > 0:
        assert status in {S.PAID, S.PAID_UNALLOCATED, S.PARTIALLY_PAID, S.PARTIALLY_REFUNDED}
    if status is S.PAID:
        assert allocated
        assert paid - refunded >= total
    if status in {S.PENDING, S.CANCELED, S.EXPIRED}:
        assert paid == 0
