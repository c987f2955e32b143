"""Holding, handing out and taking back what an order's lines stand for.

Lines are always visited by kind and reference, so that two orders for the same things lock them in the same order.
"""

from datetime import datetime

import structlog
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from belgenet.commerce.orders.interfaces import AllocationFailed, Sellables
from belgenet.commerce.orders.models import LineState, Order, OrderLine
from belgenet.core.db import utcnow
from belgenet.core.web.errors import Problem

log = structlog.get_logger(__name__)


def lines_of(session: Session, order: Order) -> list[OrderLine]:
    """The order's lines by position."""
    lines = select(OrderLine).where(OrderLine.order_id == order.id).order_by(OrderLine.position)
    return list(session.scalars(lines))


def in_lock_order(lines: list[OrderLine]) -> list[OrderLine]:
    """The lines in the order in which their stock is locked everywhere."""
    return sorted(lines, key=lambda line: (line.kind, line.ref, line.position))


def hold(session: Session, sellables: Sellables, order: Order, lines: list[OrderLine], until: datetime) -> None:
    """Hold every unpaid line until then; again, to move the end. :raises AllocationFailed: one cannot be held."""
    for line in in_lock_order(lines):
        sellables[line.kind].hold(session, order, line, until)
        line.state = LineState.HELD.value
    order.hold_expires_at = until


def release(session: Session, sellables: Sellables, order: Order, lines: list[OrderLine]) -> None:
    """Give up what is still held."""
    for line in in_lock_order(lines):
        if line.state == LineState.HELD:
            sellables[line.kind].release(session, order, line)
            line.state = LineState.RELEASED.value


def fulfil(session: Session, sellables: Sellables, order: Order, lines: list[OrderLine], until: datetime) -> str | None:
    """Hand out all lines or none; what was released by now is held anew first.

    :returns: None when done, else the reason why not. A fault in a sellable counts as a reason too: the payment being booked
        around this call must not be lost to it. A database that cannot answer is raised, so that all is tried again.
    """
    try:
        with session.begin_nested():
            for line in in_lock_order(lines):
                sellable = sellables[line.kind]
                if line.state == LineState.RELEASED:
                    sellable.hold(session, order, line, until)
                sellable.fulfil(session, order, line)
                line.state = LineState.FULFILLED.value
            session.flush()
    except AllocationFailed as failure:
        return failure.reason
    except Problem as problem:
        return problem.code.value
    except (OperationalError, StaleDataError):
        raise
    except Exception:
        log.exception("order.fulfil_failed", order=str(order.id))
        return "fault"
    order.allocated_at = utcnow()
    order.hold_expires_at = None
    return None


def revoke(session: Session, sellables: Sellables, order: Order, lines: list[OrderLine]) -> None:
    """Take back what was handed out, and release what was only held. All are marked first, so that a sellable can see what is
    left of the order.
    """
    release(session, sellables, order, lines)
    taken = [line for line in in_lock_order(lines) if line.state == LineState.FULFILLED]
    for line in taken:
        line.state = LineState.REVOKED.value
    session.flush()
    for line in taken:
        sellables[line.kind].revoke(session, order, line)
