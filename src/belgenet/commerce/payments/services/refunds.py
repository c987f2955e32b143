"""Giving money back. The refund is written and committed before the provider is asked; what nobody answered is asked about,
never asked for again.
"""

import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import structlog
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from belgenet.commerce.desk import Desk
from belgenet.commerce.ledger import services as ledger
from belgenet.commerce.orders.models import Order
from belgenet.commerce.payments.models import Payment, Refund, RefundStatus, State
from belgenet.commerce.payments.providers.errors import ProviderError, ProviderUnknown
from belgenet.commerce.payments.providers.interfaces import RefundOutcome, RefundState
from belgenet.commerce.payments.services import books, line_refunds, refund_results
from belgenet.commerce.payments.services.asking import refund_request
from belgenet.core.db import utcnow
from belgenet.core.web.errors import ErrorCode, FieldProblem, Problem

log = structlog.get_logger(__name__)
FIRST_CHECK: Final = timedelta(seconds=90)


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedRefund:
    """What the administrator asks for. ``amount_minor`` None: all that is left of the payment, or what the lines cost;
    ``payment_id`` None: the confirmed payment with most left. ``line_ids``: what is taken back with it, for its price only.
    """

    payment_id: uuid.UUID | None
    amount_minor: int | None
    currency: str | None
    reason: str
    request_key: str
    requested_by: uuid.UUID
    line_ids: tuple[uuid.UUID, ...] = ()


def refund(desk: Desk, order_id: uuid.UUID, wanted: WantedRefund) -> uuid.UUID:
    """Give back; the id of the refund, whose state tells how far it came. The same ``request_key`` finds the same refund.

    :raises Problem: more than is left, or nothing is; or the lines cannot be taken back for it.
    """
    known = select(Refund.id).where(Refund.request_key == wanted.request_key)
    if found := desk.session.scalars(known).first():
        return found
    order = books.lock_order(desk.session, order_id)
    if found := desk.session.scalars(known).first():
        return found
    row = _reserve(desk.session, order, wanted)
    provider, request = refund_request(desk.session, row)
    refund_id = row.id
    desk.commit()
    adapter = desk.providers.get(provider)
    try:
        if adapter is None:
            outcome = RefundOutcome(state=RefundState.FAILED, reason="provider_not_configured")
        else:
            outcome = adapter.refund(request)
    except ProviderUnknown as error:
        log.warning("refund.no_answer", provider=error.provider, code=error.code, refund=str(refund_id))
        outcome = RefundOutcome(state=RefundState.UNKNOWN, reason=error.code)
    except ProviderError as error:
        log.exception("refund.impossible", provider=error.provider, code=error.code, detail=error.detail)
        outcome = RefundOutcome(state=RefundState.FAILED, reason=error.code)
    refund_results.settle(desk, refund_id, outcome, "admin")
    return refund_id


def refundable(session: Session, payment: Payment) -> int:
    """What of a payment can still be given back; refunds on their way count as gone."""
    if payment.state != State.CONFIRMED:
        return 0
    taken = select(func.coalesce(func.sum(Refund.amount_minor), 0)).where(
        Refund.payment_id == payment.id, Refund.state != RefundStatus.FAILED, Refund.state != RefundStatus.DONE
    )
    done = select(func.coalesce(func.sum(Refund.done_minor), 0)).where(
        Refund.payment_id == payment.id, Refund.state == RefundStatus.DONE
    )
    return payment.amount_minor - int(session.scalar(taken) or 0) - int(session.scalar(done) or 0)


def _reserve(session: Session, order: Order, wanted: WantedRefund) -> Refund:
    """Under the order's lock no two refunds see the same remainder."""
    payment, left = _payment(session, order, wanted.payment_id)
    if payment is None or left <= 0:
        raise Problem(ErrorCode.NOTHING_TO_REFUND, 409)
    lines, price = line_refunds.take_back(session, order, wanted.line_ids) if wanted.line_ids else ([], left)
    amount = price if wanted.amount_minor is None else wanted.amount_minor
    if amount > left or (wanted.currency or order.currency) != order.currency:
        raise Problem(ErrorCode.REFUND_TOO_LARGE, 409, params={"left": left, "currency": order.currency})
    if lines and amount != price:
        field = FieldProblem("amount.amount", "not_the_lines_price")
        raise Problem(ErrorCode.REFUND_NOT_THE_PRICE, 409, fields=[field])
    row = Refund(
        payment_id=payment.id,
        order_id=order.id,
        amount_minor=amount,
        currency=order.currency,
        reason=wanted.reason,
        request_key=wanted.request_key,
        requested_by=wanted.requested_by,
        line_ids=[line.id for line in lines],
        check_after=utcnow() + FIRST_CHECK,
    )
    session.add(row)
    session.flush()
    ledger.book_refund_request(session, order, row.id, amount, lines)
    data = {"refund_id": str(row.id), "amount_minor": amount, "lines": [line.title for line in lines]}
    books.note(session, order.id, "refund.created", "admin", payment_id=payment.id, data=data)
    return row


def _payment(session: Session, order: Order, payment_id: uuid.UUID | None) -> tuple[Payment | None, int]:
    """The chosen payment locked, and what is left of it.

    :raises Problem: the order has no such payment.
    """
    found = select(Payment).where(Payment.order_id == order.id, Payment.state == State.CONFIRMED)
    if payment_id is not None:
        found = found.where(Payment.id == payment_id)
    payments = session.scalars(found.order_by(Payment.id).with_for_update().execution_options(**books.FRESH)).all()
    choices = [(refundable(session, payment), payment) for payment in payments]
    if not choices:
        if payment_id is not None:
            raise Problem(ErrorCode.NOT_FOUND, 404)
        return None, 0
    left, payment = max(choices, key=lambda choice: choice[0])
    return payment, left
