"""What the panel's first page asks of the domains. Each registers its own cards; the panel knows none of them.

``config.add_dashboard_card(provider, permission=Permission.ORDER_READ)`` and ``config.add_attention(provider, permission=...)``;
``permission`` is what a reader must hold to see them. Titles: ``dashboard.card.<key>`` and ``dashboard.attention.<kind>`` in the
domain's locale files.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Protocol
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session


@dataclass(frozen=True)
class Window:
    """Whole days of the tenant's calendar up to and with today, and the equally long stretch before, to compare with."""

    today: date
    days: int
    time_zone: str
    currency: str

    @cached_property
    def dates(self) -> list[date]:
        """The days, oldest first."""
        return [self.today - timedelta(days=back) for back in reversed(range(self.days))]

    @property
    def since(self) -> datetime:
        """When the first day began."""
        return self._midnight(self.today - timedelta(days=self.days - 1))

    @property
    def until(self) -> datetime:
        """When the last day ends."""
        return self._midnight(self.today + timedelta(days=1))

    @property
    def previous_since(self) -> datetime:
        """When the stretch to compare with began; it ends at ``since``."""
        return self._midnight(self.today - timedelta(days=2 * self.days - 1))

    def _midnight(self, day: date) -> datetime:
        return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(self.time_zone))


@dataclass(frozen=True, slots=True)
class Card:
    """One figure. Amounts, here and in ``series``, are counts, or minor units of ``currency`` when that is given.

    ``previous`` is the figure of the stretch before; None where comparing makes no sense.
    """

    key: str
    amount: int
    previous: int | None = None
    series: Mapping[date, int] = field(default_factory=dict)
    currency: str | None = None

    @classmethod
    def compared(cls, key: str, by_day: Mapping[date, int], window: Window, currency: str | None = None) -> "Card":
        """A card of sums, from amounts by day since ``window.previous_since``."""
        first = window.dates[0]
        series = {day: amount for day, amount in by_day.items() if day >= first}
        before = sum(amount for day, amount in by_day.items() if day < first)
        return cls(key, sum(series.values()), before, series, currency)


@dataclass(frozen=True, slots=True)
class Attention:
    """``count`` things of a kind wait for a person, at the panel's page ``link``. Zero is not shown."""

    kind: str
    count: int
    link: str


class CardProvider(Protocol):
    """Figures of one domain; as many queries whatever the number of rows."""

    def __call__(self, session: Session, window: Window) -> Sequence[Card]:
        """Cards of the session's tenant, in the order to show them."""


class AttentionProvider(Protocol):
    """What waits in one domain."""

    def __call__(self, session: Session) -> Sequence[Attention]:
        """Findings about the session's tenant."""
