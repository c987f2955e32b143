"""Which lines a refund may take back, and for how much: a line goes back for its price or not at all, so that no order looks paid
for goods that are gone, and none keeps money for them.
"""

import uuid

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from belgenet.commerce.orders.models import LineState, Order, OrderLine
from belgenet.commerce.orders.services.allocation import lines_of
from belgenet.commerce.payments.models import Refund, RefundStatus
from belgenet.core.money import split
from belgenet.core.web.errors import ErrorCode, Problem


def prices(session: Session, order: Order, lines: list[OrderLine]) -> dict[uuid.UUID, int]:
    """What each line that can be taken back still costs, in minor units. A refund that came through only in part took nothing
    back: what it gave is deducted, shared among its lines by what they had cost until then.
    """
    left = {line.id: line.total_minor for line in lines}
    gone = {line.id for line in lines if line.state != LineState.FULFILLED}
    others = select(Refund).where(Refund.order_id == order.id, Refund.state != RefundStatus.FAILED)
    for row in session.scalars(others.order_by(Refund.id)):
        named = [line_id for line_id in row.line_ids if line_id in left]
        if row.state != RefundStatus.DONE or row.done_minor == row.amount_minor:
            gone.update(named)
        elif any(left[line_id] for line_id in named):
            parts = split(row.done_minor, [left[line_id] for line_id in named])
            left |= {line_id: max(0, left[line_id] - part) for line_id, part in zip(named, parts, strict=True)}
    return {line_id: minor for line_id, minor in left.items() if line_id not in gone}


def kept(session: Session, order: Order) -> int:
    """What of the order's money is neither given back nor on its way back, in minor units."""
    reserved = select(func.coalesce(func.sum(Refund.amount_minor), 0)).where(
        Refund.order_id == order.id, Refund.state.not_in([RefundStatus.DONE, RefundStatus.FAILED])
    )
    return order.paid_minor - order.refunded_minor - int(session.scalar(reserved) or 0)


def refundable(session: Session, order: Order) -> dict[uuid.UUID, int]:
    """The lines a refund may name now and their prices; none while more was paid than they cost."""
    found = prices(session, order, lines_of(session, order))
    return {} if kept(session, order) > sum(found.values()) else {key: minor for key, minor in found.items() if minor}


def take_back(session: Session, order: Order, wanted: tuple[uuid.UUID, ...]) -> tuple[list[OrderLine], int]:
    """The lines to take back and what they cost: their price, or what of it was not given back before without naming them.

    :raises Problem: one of them is not the order's, not handed out, or on its way back already; or more was paid than all
        lines cost. That surplus goes back first: else the order would stay paid without its goods.
    """
    lines = lines_of(session, order)
    left = prices(session, order, lines)
    if not set(wanted) <= left.keys():
        raise Problem(ErrorCode.LINE_NOT_REFUNDABLE, 409)
    there = kept(session, order)
    if there > sum(left.values()):
        raise Problem(ErrorCode.SURPLUS_FIRST, 409)
    price = min(there, sum(left[line_id] for line_id in set(wanted)))
    if price <= 0:
        raise Problem(ErrorCode.LINE_NOT_REFUNDABLE, 409)
    return [line for line in lines if line.id in wanted], price
