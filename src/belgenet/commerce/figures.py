"""`SalesFigures` from our own tables."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import Date, cast, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from belgenet.commerce.interfaces import DayOfSales, MoneyFigures
from belgenet.commerce.orders.models import Order, OrderStatus
from belgenet.commerce.payments.models import (
    OPEN_STATES,
    Payment,
    PaymentAttempt,
    PaymentReview,
    Refund,
    RefundStatus,
    State,
    WebhookInbox,
)


class Waiting(NamedTuple):
    """How much waits for a person."""

    open_reviews: int
    unallocated_orders: int
    unmatched_webhooks: int


class OwnFigures:
    """Counts and sums; each is one query over an index."""

    def days(self, session: Session, since: datetime, until: datetime, time_zone: str) -> Sequence[DayOfSales]:
        """See SalesFigures."""
        day = cast(func.timezone(time_zone, Order.paid_at), Date)
        rows = (
            select(day, Order.currency, func.count(), func.sum(Order.paid_minor - Order.refunded_minor))
            .where(Order.paid_at >= since, Order.paid_at < until)
            .group_by(day, Order.currency)
            .order_by(day)
        )
        orders: dict[date, int] = defaultdict(int)
        revenue: dict[date, dict[str, int]] = defaultdict(dict)
        for when, currency, count, total in session.execute(rows):
            orders[when] += count
            revenue[when][currency] = int(total)
        return [DayOfSales(day=when, orders=orders[when], revenue_minor=revenue[when]) for when in orders]

    def figures(self, session: Session, since: datetime, until: datetime) -> MoneyFigures:
        """See SalesFigures."""
        received = self._sums(session, Payment, Payment.amount_minor, Payment.confirmed_at, since, until)
        done = Refund.state == RefundStatus.DONE
        refunded = self._sums(session, Refund, Refund.done_minor, Refund.finished_at, since, until, done)
        open_states = [state.value for state in OPEN_STATES]
        return MoneyFigures(
            orders_placed=_count(session, Order, Order.created_at >= since, Order.created_at < until),
            orders_paid=_count(session, Order, Order.paid_at >= since, Order.paid_at < until),
            orders_pending=_count(session, Order, Order.status == OrderStatus.PENDING),
            received_minor=received,
            refunded_minor=refunded,
            open_attempts=_count(session, PaymentAttempt, PaymentAttempt.state.in_(open_states)),
            unallocated_orders=_count(session, Order, Order.status == OrderStatus.PAID_UNALLOCATED),
            open_reviews=_count(session, PaymentReview, PaymentReview.state == "open"),
            unmatched_webhooks=_count(session, WebhookInbox, WebhookInbox.state == "unmatched"),
        )

    def waiting(self, session: Session) -> Waiting:
        """What the panel's first page asks for; one query, and none of the other figures."""
        reviews = select(func.count()).select_from(PaymentReview).where(PaymentReview.state == "open")
        orders = select(func.count()).select_from(Order).where(Order.status == OrderStatus.PAID_UNALLOCATED)
        webhooks = select(func.count()).select_from(WebhookInbox).where(WebhookInbox.state == "unmatched")
        counts = select(reviews.scalar_subquery(), orders.scalar_subquery(), webhooks.scalar_subquery())
        return Waiting(*session.execute(counts).one())

    def _sums(
        self,
        session: Session,
        model: type[Payment | Refund],
        amount: InstrumentedAttribute[int],
        at: InstrumentedAttribute[datetime | None],
        since: datetime,
        until: datetime,
        condition: Any = None,
    ) -> dict[str, int]:
        state = Payment.state == State.CONFIRMED if condition is None else condition
        rows = select(model.currency, func.sum(amount)).where(state, at >= since, at < until).group_by(model.currency)
        return {currency: int(total) for currency, total in session.execute(rows)}


def _count(session: Session, model: Any, *conditions: Any) -> int:
    return session.scalar(select(func.count()).select_from(model).where(*conditions)) or 0
