"""Asking about all there is to ask: every open page of an order, or one payment with its refunds."""

import uuid

from sqlalchemy import select

from belgenet.commerce.desk import Desk
from belgenet.commerce.payments.models import PaymentAttempt, Refund
from belgenet.commerce.payments.services import books, refund_results, sync


def sync_order(desk: Desk, order_id: uuid.UUID, source: str, *, hurried: bool = False) -> None:
    """Ask about every open attempt of the order."""
    for attempt_id in [attempt.id for attempt in books.open_attempts(desk.session, order_id)]:
        sync.sync_payment(desk, attempt_id, source, hurried=hurried)


def sync_payment_and_refunds(desk: Desk, payment_id: uuid.UUID, source: str) -> None:
    """Ask about every attempt of the payment, about refunds under way, and for refunds made in the provider's own panel."""
    attempts = select(PaymentAttempt.id).where(PaymentAttempt.payment_id == payment_id).order_by(PaymentAttempt.id)
    for attempt_id in desk.session.scalars(attempts).all():
        sync.sync_payment(desk, attempt_id, source)
        refund_results.sync_refunds(desk, attempt_id, source)
    unfinished = select(Refund.id).where(Refund.payment_id == payment_id, Refund.finished_at.is_(None))
    for refund_id in desk.session.scalars(unfinished).all():
        refund_results.recheck(desk, refund_id, source)
