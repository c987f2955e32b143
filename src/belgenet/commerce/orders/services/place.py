"""Placing an order: quote, freeze, hold; what costs nothing is handed out at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from belgenet.commerce import events
from belgenet.commerce.orders.interfaces import AllocationFailed, OrderOwner, Quote, Sellables
from belgenet.commerce.orders.models import Order, OrderLine, OrderStatus
from belgenet.commerce.orders.services import allocation
from belgenet.commerce.orders.services.numbers import order_number
from belgenet.commerce.orders.services.status import restate
from belgenet.core.money import tax_included
from belgenet.core.observability.metrics import ORDERS
from belgenet.core.web.errors import ErrorCode, FieldProblem, Problem

LARGEST_TOTAL = 10**12
"""Ten milliard liras in kuruş: above it somebody tries our arithmetic."""


@dataclass(frozen=True, slots=True)
class WantedLine:
    """What the buyer asks for."""

    kind: str
    ref: str
    quantity: int
    details: Mapping[str, Any]


def place(
    session: Session,
    sellables: Sellables,
    *,
    slug: str,
    owner: OrderOwner,
    wanted: Sequence[WantedLine],
    hold: timedelta,
) -> Order:
    """Write the order and hold what it asks for.

    :param slug: the tenant's, for the order number.
    :param hold: how long the goods are kept without payment.
    :raises Problem: a line is unknown, not for sale, out of stock, or the lines have different currencies.
    """
    quotes = [_quote(session, sellables, number, line, owner) for number, line in enumerate(wanted)]
    if len({quote.currency for quote in quotes}) > 1:
        raise Problem(ErrorCode.ORDER_MIXED_CURRENCIES, 409)
    total = sum(quote.unit_price_minor * line.quantity for quote, line in zip(quotes, wanted, strict=True))
    if total > LARGEST_TOTAL:
        raise Problem(ErrorCode.INVALID_INPUT, 400, fields=[FieldProblem("lines", "too_large")])
    order = _order(session, slug, owner, quotes[0].currency, total)
    lines = [_line(order, at, item, quote) for at, (item, quote) in enumerate(zip(wanted, quotes, strict=True))]
    session.add_all(lines)
    session.flush()
    try:
        allocation.hold(session, sellables, order, lines, owner.at + hold)
        session.flush()
    except AllocationFailed as failure:
        raise Problem(
            ErrorCode.OUT_OF_STOCK, 409, params={"left": 0, "reason": failure.reason, **failure.params}
        ) from failure
    if total == 0:
        _give(session, sellables, order, lines, owner, hold)
    return order


def _quote(session: Session, sellables: Sellables, number: int, line: WantedLine, owner: OrderOwner) -> Quote:
    sellable = sellables.get(line.kind)
    if sellable is None:
        raise Problem(ErrorCode.SELLABLE_NOT_FOUND, 404, fields=[FieldProblem(f"lines.{number}.kind", "unknown_kind")])
    return sellable.quote(session, line.ref, line.quantity, line.details, owner)


def _order(session: Session, slug: str, owner: OrderOwner, currency: str, total: int) -> Order:
    number = order_number(slug)
    while session.scalar(select(Order.id).where(Order.number == number)) is not None:
        number = order_number(slug)
    order = Order(
        number=number,
        account_id=owner.account_id,
        currency=currency,
        total_minor=total,
        locale=owner.locale,
        contact_name=owner.full_name,
        contact_email=owner.email.lower(),
        contact_phone=owner.phone,
        client_address=owner.client_address,
        created_at=owner.at,
    )
    session.add(order)
    session.flush()
    ORDERS.labels(status=OrderStatus.PENDING).inc()
    return order


def _line(order: Order, position: int, wanted: WantedLine, quote: Quote) -> OrderLine:
    total = quote.unit_price_minor * wanted.quantity
    net, tax = tax_included(total, quote.tax_rate_percent)
    return OrderLine(
        order_id=order.id,
        position=position,
        kind=wanted.kind,
        ref=wanted.ref,
        title=quote.title,
        category=quote.category or wanted.kind,
        quantity=wanted.quantity,
        unit_price_minor=quote.unit_price_minor,
        total_minor=total,
        tax_rate_percent=quote.tax_rate_percent,
        net_minor=net,
        tax_minor=tax,
        revenue_account=quote.revenue_account,
        certificate_follows=quote.certificate_follows,
        details=dict(quote.details),
    )


def _give(
    session: Session, sellables: Sellables, order: Order, lines: list[OrderLine], owner: OrderOwner, hold: timedelta
) -> None:
    """Providers refuse amounts of zero, and rightly: nothing is to be collected."""
    reason = allocation.fulfil(session, sellables, order, lines, owner.at + hold)
    if reason is not None:
        raise Problem(ErrorCode.OUT_OF_STOCK, 409, params={"left": 0, "reason": reason})
    order.paid_at = owner.at
    restate(order)
    session.flush()
    events.publish_paid(session, order, lines)
