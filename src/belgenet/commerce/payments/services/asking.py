"""From our rows to what the provider port wants to know."""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from belgenet.commerce.orders.models import Order, OrderLine
from belgenet.commerce.payments.models import Payment, PaymentAttempt, Refund
from belgenet.commerce.payments.providers.interfaces import (
    AttemptRef,
    AttemptRequest,
    BasketItem,
    Buyer,
    RefundRequest,
)
from belgenet.core.money import split

RETURN_PATH = "/api/v1/payments/{provider}/return"
UNSEEN_LIFETIME = timedelta(minutes=35)
"""How long an attempt is watched whose page nobody is known to have seen."""


def attempt_request(
    order: Order, attempt: PaymentAttempt, lines: list[OrderLine], return_url: str, order_url: str
) -> AttemptRequest:
    """What ``begin`` is told. Built from rows only: repeating it sends the same bytes."""
    return AttemptRequest(
        attempt_id=str(attempt.id),
        order_number=order.number,
        amount_minor=attempt.amount_minor,
        currency=attempt.currency,
        locale=order.locale,
        buyer=Buyer(
            id=str(order.account_id),
            full_name=order.contact_name,
            email=order.contact_email,
            phone=order.contact_phone,
            ip=attempt.client_address,
        ),
        items=basket(lines, attempt.amount_minor),
        return_url=return_url,
        cancel_url=order_url,
        started_at=attempt.created_at,
    )


def basket(lines: list[OrderLine], amount: int) -> tuple[BasketItem, ...]:
    """The lines as the provider's basket, whose sum must be the amount: a part payment is spread by largest remainder."""
    priced = [line for line in lines if line.total_minor]
    parts = split(amount, [line.total_minor for line in priced])
    return tuple(
        BasketItem(line_id=str(line.id), name=line.title, category=line.category, amount_minor=part)
        for line, part in zip(priced, parts, strict=True)
    )


def attempt_ref(session: Session, attempt: PaymentAttempt) -> AttemptRef:
    """How to ask about the attempt. An attempt without a page still ends: nobody can pay where nobody has been."""
    number = session.scalars(select(Order.number).where(Order.id == attempt.order_id)).one()
    return AttemptRef(
        attempt_id=str(attempt.id),
        order_number=number,
        amount_minor=attempt.amount_minor,
        currency=attempt.currency,
        token=attempt.token,
        provider_ref=attempt.provider_ref,
        expires_at=attempt.expires_at or attempt.created_at + UNSEEN_LIFETIME,
    )


def refund_request(session: Session, refund: Refund) -> tuple[str, RefundRequest]:
    """Provider name, and what ``refund`` or ``query_refund`` is told. :raises LookupError: the payment has no reference."""
    payment = session.get_one(Payment, refund.payment_id)
    confirmed = select(PaymentAttempt.id).where(
        PaymentAttempt.payment_id == payment.id, PaymentAttempt.provider_ref == payment.provider_ref
    )
    attempt_id = session.scalars(confirmed).first()
    if payment.provider_ref is None or attempt_id is None:
        raise LookupError(f"payment {payment.id} was never confirmed by {payment.provider}")
    request = RefundRequest(
        refund_id=str(refund.id),
        attempt_id=str(attempt_id),
        provider_ref=payment.provider_ref,
        amount_minor=refund.amount_minor,
        currency=refund.currency,
        requested_at=refund.created_at,
        reason="duplicate" if refund.reason == "duplicate" else "requested_by_customer",
        refund_ref=refund.provider_ref,
    )
    return payment.provider, request
