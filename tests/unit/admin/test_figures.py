from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from belgenet.admin.interfaces import Card, Window
from belgenet.admin.services.dashboard import card_out, change

ISTANBUL = Window(date(2026, 11, 21), 7, "Europe/Istanbul", "TRY")


def test_days_are_the_tenants_days() -> None:
    assert ISTANBUL.dates[0] == date(2026, 11, 15)
    assert ISTANBUL.dates[-1] == date(2026, 11, 21)
    assert ISTANBUL.since.astimezone(UTC) == datetime(2026, 11, 14, 21, tzinfo=UTC)
    assert ISTANBUL.until.astimezone(UTC) == datetime(2026, 11, 21, 21, tzinfo=UTC)
    assert ISTANBUL.previous_since.astimezone(UTC) == datetime(2026, 11, 7, 21, tzinfo=UTC)


def test_days_of_23_and_25_hours_are_days() -> None:
    spring = Window(date(2026, 3, 29), 7, "Europe/Berlin", "EUR")
    assert spring.until - spring.since == timedelta(days=7)
    assert spring.until.astimezone(UTC) - spring.since.astimezone(UTC) == timedelta(days=7, hours=-1)


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(7, 92))
def test_both_stretches_are_equally_long(today: date, days: int) -> None:
    window = Window(today, days, "UTC", "TRY")
    assert window.until - window.since == window.since - window.previous_since == timedelta(days=days)
    assert len(window.dates) == days


@given(
    st.dictionaries(
        st.integers(0, 13).map(lambda back: date(2026, 11, 21) - timedelta(days=back)), st.integers(0, 10**12)
    )
)
def test_nothing_is_lost_between_the_stretches(by_day: dict[date, int]) -> None:
    card = Card.compared("x", by_day, ISTANBUL)
    assert card.amount + (card.previous or 0) == sum(by_day.values())
    assert sum(card.series.values()) == card.amount


@pytest.mark.parametrize(
    ("amount", "previous", "percent"),
    [(3, 2, 50.0), (1, 3, -66.7), (0, 5, -100.0), (5, 0, None), (5, None, None), (0, 0, None), (4, 4, 0.0)],
)
def test_change(amount: int, previous: int | None, percent: float | None) -> None:
    assert change(Card("x", amount, previous)) == percent


@pytest.mark.parametrize(("currency", "shown"), [("TRY", "12.34"), ("JPY", "1234"), ("KWD", "1.234")])
def test_money_has_its_currencys_places(currency: str, shown: str) -> None:
    out = card_out(Card("x", 1234, currency=currency, series={ISTANBUL.today: 1234}), ISTANBUL, "X")
    assert out.money is not None
    assert out.money.amount == shown
    assert out.series[-1].money == out.money
    assert out.value is None


def test_a_card_without_days_has_no_series() -> None:
    assert card_out(Card("x", 5), ISTANBUL, "X").series == []
