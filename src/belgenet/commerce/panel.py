"""What the panel's first page tells about sales."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date

from sqlalchemy.orm import Session

from belgenet.admin.interfaces import Attention, Card, Window
from belgenet.commerce.figures import OwnFigures


def cards(session: Session, window: Window) -> Sequence[Card]:
    """Paid orders, and what they brought in less what was given back, by currency, the tenant's own first; one query."""
    orders: dict[date, int] = {}
    revenue: dict[str, dict[date, int]] = defaultdict(dict, {window.currency: {}})
    for day in OwnFigures().days(session, window.previous_since, window.until, window.time_zone):
        orders[day.day] = day.orders
        for currency, minor in day.revenue_minor.items():
            revenue[currency][day.day] = minor
    sums = [Card.compared("revenue", by_day, window, currency) for currency, by_day in revenue.items()]
    return [*sums, Card.compared("orders", orders, window)]


def attention(session: Session) -> Sequence[Attention]:
    """Payments that a person must decide about, paid orders that could not be served, webhooks nobody knows."""
    found = OwnFigures().waiting(session)
    return [
        Attention("payment_reviews", found.open_reviews, "/admin/reviews"),
        Attention("unallocated_orders", found.unallocated_orders, "/admin/orders?status=paid_unallocated"),
        Attention("unmatched_webhooks", found.unmatched_webhooks, "/admin/webhooks"),
    ]
