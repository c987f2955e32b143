"""What happens when money has arrived. Runs under the locks of order, payment and attempt, in one transaction: the payment, the
books, the goods and the event stand or fall together.
"""

from datetime import timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from belgenet.commerce import events
from belgenet.commerce.desk import Desk
from belgenet.commerce.ledger import services as ledger
from belgenet.commerce.orders.models import Order, OrderStatus
from belgenet.commerce.orders.services import allocation
from belgenet.commerce.orders.services.status import restate
from belgenet.commerce.payments.models import Payment, PaymentAttempt, PaymentItemRef, State
from belgenet.commerce.payments.providers.interfaces import Observation
from belgenet.commerce.payments.services import books
from belgenet.core.db import utcnow

MOMENT: Final = timedelta(minutes=5)
"""A hold taken again lasts only until it is handed out, a few lines below."""


def confirm(
    desk: Desk, order: Order, payment: Payment, attempt: PaymentAttempt, seen: Observation, source: str
) -> None:
    """Record the money whatever else happens, then hand out what it pays for."""
    session = desk.session
    with session.no_autoflush:  # what the attempt has learned is written once, with what comes of it
        used_elsewhere = _used_elsewhere(session, attempt, seen)
    if used_elsewhere:
        _suspect(desk, order, payment, attempt, source, {"provider_ref": seen.provider_ref or ""})
        return
    if payment.state == State.CONFIRMED:
        payment = _another_payment(session, order, attempt)
    _record(session, payment, attempt, seen)
    books.note(session, order.id, "payment.confirmed", source, attempt=attempt, data=_facts(seen))
    ledger.book_payment(session, order, payment.id, payment.provider, payment.amount_minor, payment.fees_minor)
    settled = order.allocated_at is not None or order.paid_minor >= order.total_minor
    status = books.restate_sums(session, order)
    if settled:
        books.ask_for_review(session, order, "overpaid", payment.id, payment_id=payment.id)
    elif status != OrderStatus.PARTIALLY_PAID:
        hand_out(desk, order, source)


def hand_out(desk: Desk, order: Order, source: str, *, canceled_too: bool = False) -> str | None:
    """Allocate a paid order. What cannot be handed out leaves the money in place and a decision on the panel's list.

    :param canceled_too: a person has decided that the buyer shall have what was paid for after canceling.
    :returns: None when done, else why not.
    """
    session = desk.session
    lines = allocation.lines_of(session, order)
    order.paid_at = order.paid_at or utcnow()
    reason: str | None = "order_canceled"
    if order.canceled_at is None or canceled_too:
        reason = allocation.fulfil(session, desk.sellables, order, lines, utcnow() + MOMENT)
    restate(order)
    if reason is not None:
        books.note(session, order.id, "order.unallocated", source, data={"reason": reason})
        books.ask_for_review(session, order, "unallocated", order.id, details={"reason": reason})
        return reason
    ledger.book_allocation(session, order, lines)
    books.note(session, order.id, "order.paid", source)
    still_open = len(books.open_attempts(session, order.id))
    events.publish_paid(session, order, lines, open_attempts=still_open)
    return None


def mismatch(
    desk: Desk, order: Order, payment: Payment, attempt: PaymentAttempt, seen: Observation, source: str
) -> None:
    """Money may have moved, but not the money we asked for: nothing is booked until a person has looked."""
    differences = {item.name: f"{item.expected} / {item.seen}" for item in seen.mismatches}
    _suspect(desk, order, payment, attempt, source, differences)


def _suspect(
    desk: Desk, order: Order, payment: Payment, attempt: PaymentAttempt, source: str, differences: dict[str, str]
) -> None:
    attempt.state = State.MISMATCH.value
    if payment.state != State.CONFIRMED:
        payment.state = State.MISMATCH.value
    books.note(desk.session, order.id, "attempt.mismatch", source, attempt=attempt, data=differences)
    books.ask_for_review(desk.session, order, "mismatch", attempt.id, payment_id=payment.id, details=differences)


def _used_elsewhere(session: Session, attempt: PaymentAttempt, seen: Observation) -> bool:
    """One payment of the provider confirms one attempt, never a second."""
    other = select(PaymentAttempt.id).where(
        PaymentAttempt.provider == attempt.provider,
        PaymentAttempt.provider_ref == seen.provider_ref,
        PaymentAttempt.id != attempt.id,
    )
    return session.scalars(other).first() is not None


def _another_payment(session: Session, order: Order, attempt: PaymentAttempt) -> Payment:
    """Two attempts of one payment both brought money: each is its own money and must count, and be refundable, as such."""
    payment = Payment(
        order_id=order.id,
        provider=attempt.provider,
        amount_minor=attempt.amount_minor,
        currency=attempt.currency,
        state=State.FAILED.value,
    )
    session.add(payment)
    session.flush()
    attempt.payment_id = payment.id
    return payment


def _record(session: Session, payment: Payment, attempt: PaymentAttempt, seen: Observation) -> None:
    attempt.state = payment.state = State.CONFIRMED.value
    attempt.provider_ref = payment.provider_ref = seen.provider_ref
    attempt.response = dict(seen.raw_redacted)
    attempt.decline = payment.decline = None
    payment.confirmed_at = utcnow()
    payment.charged_minor, payment.fees_minor = seen.paid_minor, seen.fees_minor
    payment.card_brand, payment.card_last4 = seen.card_brand, seen.card_last4
    payment.installment = seen.installment
    session.add_all(
        PaymentItemRef(
            payment_id=payment.id, line_id=item.line_id, item_ref=item.item_ref, amount_minor=item.amount_minor
        )
        for item in seen.item_refs
    )
    session.flush()


def _facts(seen: Observation) -> dict[str, object]:
    return {
        "provider_ref": seen.provider_ref,
        "amount_minor": seen.amount_minor,
        "charged_minor": seen.paid_minor,
        "currency": seen.currency,
        "card": seen.card_last4,
    }
