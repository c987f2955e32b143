"""Trying again to hand out what was paid for: stock has come in, or a person has decided that a canceled order counts after all."""

import uuid
from typing import Final

from sqlalchemy import select

from belgenet.commerce.desk import Desk
from belgenet.commerce.orders.models import OrderStatus
from belgenet.commerce.payments.models import PaymentReview
from belgenet.commerce.payments.services import books, confirm, line_refunds
from belgenet.core.db import utcnow
from belgenet.core.web.errors import ErrorCode, Problem

REASONS: Final = {"out_of_stock": ErrorCode.STILL_OUT_OF_STOCK, "already_owned": ErrorCode.ALREADY_OWNED}


def allocate(desk: Desk, order_id: uuid.UUID, by: uuid.UUID) -> None:
    """Hand out a paid order that could not be served, and close the question on the panel's list.

    :param by: the administrator's account.
    :raises Problem: there is nothing to hand out, its money is on its way back, or it still cannot be served; then nothing
        has changed.
    """
    order = books.lock_order(desk.session, order_id)
    if order.status != OrderStatus.PAID_UNALLOCATED or line_refunds.kept(desk.session, order) < order.total_minor:
        raise Problem(ErrorCode.ORDER_NOT_ALLOCATABLE, 409, params={"status": order.status})
    reason = confirm.hand_out(desk, order, "admin", canceled_too=True)
    if reason is not None:
        raise Problem(REASONS.get(reason, ErrorCode.ALLOCATION_FAILED), 409)
    question = select(PaymentReview).where(
        PaymentReview.order_id == order.id, PaymentReview.kind == "unallocated", PaymentReview.state == "open"
    )
    for row in desk.session.scalars(question):
        row.state, row.resolved_by, row.resolved_at = "resolved", by, utcnow()
    desk.session.flush()
