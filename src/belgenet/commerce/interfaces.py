"""What other domains may know of sales: the panel's figures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True, kw_only=True)
class DayOfSales:
    """One calendar day in the tenant's time zone; amounts in minor units by currency."""

    day: date
    orders: int
    revenue_minor: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyFigures:
    """What came in and went back within a period, in minor units by currency, and what is open now."""

    orders_placed: int
    orders_paid: int
    orders_pending: int
    received_minor: Mapping[str, int]
    refunded_minor: Mapping[str, int]
    open_attempts: int
    unallocated_orders: int
    open_reviews: int
    unmatched_webhooks: int


class SalesFigures(Protocol):
    """Figures of the session's tenant; ``request.service(SalesFigures)``."""

    def days(self, session: Session, since: datetime, until: datetime, time_zone: str) -> Sequence[DayOfSales]:
        """Days with at least one paid order, oldest first. :param time_zone: IANA name that says where a day begins."""
        ...

    def figures(self, session: Session, since: datetime, until: datetime) -> MoneyFigures:
        """Sums of a period and the present state of affairs."""
        ...
