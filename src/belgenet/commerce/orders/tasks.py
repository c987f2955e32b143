"""Telling buyers what became of their orders. One mail for each fact, whatever is delivered twice."""

from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from belgenet.commerce import events
from belgenet.commerce.orders.models import Order
from belgenet.commerce.orders.services.allocation import lines_of
from belgenet.commerce.payments.models import PaymentAttempt, Refund
from belgenet.core.i18n import translate
from belgenet.core.money import Money
from belgenet.core.outbox import Event, consumer
from belgenet.notifications.interfaces import Notifier

REVIEWS_FOR_BUYERS = frozenset({"unallocated", "overpaid", "mismatch", "fraud_review"})
"""The other kinds are the institution's business alone; its panel shows them all."""


@consumer(events.ORDER_PAID, name="orders.mail_paid", queue="mail", when=events.is_receipt_due)
def mail_paid(request: Any, event: Event) -> None:
    """The receipt; not when a certificate follows at once, for its mail is the receipt then."""
    order = _order(request.db, event)
    lines = lines_of(request.db, order)
    context = {
        "lines": [
            {"title": line.title, "quantity": line.quantity, "total": Money(line.total_minor, order.currency)}
            for line in lines
        ],
        "total": Money(order.total_minor, order.currency),
    }
    _mail(request, order, "order_paid", f"order_paid:{order.id}", context)


@consumer(events.REFUND_DONE, name="orders.mail_refunded", queue="mail")
def mail_refunded(request: Any, event: Event) -> None:
    """Money is on its way back."""
    order = _order(request.db, event)
    refund = request.db.get_one(Refund, UUID(event.payload["refund_id"]))
    reason = refund.reason if refund.origin == "ours" else ""
    context = {"amount": Money(refund.done_minor, refund.currency), "reason": reason}
    _mail(request, order, "order_refunded", f"order_refunded:{refund.id}", context)


@consumer(events.ORDER_PROBLEM, name="orders.mail_problem", queue="mail")
def mail_problem(request: Any, event: Event) -> None:
    """Money and order do not fit together, and a person is looking into it."""
    kind = event.payload["kind"]
    if kind in REVIEWS_FOR_BUYERS:
        order = _order(request.db, event)
        reason = translate(order.locale, f"order.review.{kind}")
        _mail(request, order, "order_review", f"order_review:{event.payload['review_id']}", {"reason": reason})


@consumer(events.ORDER_EXPIRED, name="orders.mail_expired", queue="mail")
def mail_expired(request: Any, event: Event) -> None:
    """Who tried to pay and did not get through should know that nothing is held any more; who never tried knows."""
    order = _order(request.db, event)
    if request.db.scalars(select(PaymentAttempt.id).where(PaymentAttempt.order_id == order.id)).first() is None:
        return
    reason = translate(order.locale, "order.expired_unpaid")
    total = Money(order.total_minor, order.currency)
    _mail(request, order, "payment_problem", f"payment_problem:{order.id}", {"reason": reason, "total": total})


def _order(session: Session, event: Event) -> Order:
    return session.get_one(Order, UUID(event.payload["order_id"]))


def _mail(request: Any, order: Order, template: str, key: str, context: dict[str, Any]) -> None:
    about = {
        "full_name": order.contact_name,
        "order_number": order.number,
        "order_url": request.url_for_client(f"/orders/{order.id}"),
    }
    request.service(Notifier).email(template, order.contact_email, order.locale, {**about, **context}, key)
