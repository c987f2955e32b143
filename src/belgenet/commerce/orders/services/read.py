"""Reading orders, with a number of queries that does not depend on how many there are."""

import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from sqlalchemy import Row, Select, select
from sqlalchemy.orm import Session

from belgenet.commerce.orders.interfaces import CertificateRef, OrderCertificates
from belgenet.commerce.orders.models import Order, OrderLine
from belgenet.commerce.orders.schemas import (
    AdminOrderQuery,
    AdminOrderRow,
    CertificateBrief,
    OrderLineOut,
    OrderOut,
    PaymentBrief,
)
from belgenet.commerce.payments.models import Payment
from belgenet.core.db import Reading, fetch, one_of
from belgenet.core.money import MoneyOut
from belgenet.core.web.pagination import Page, PageQuery, keyset, keyset_rows, page

LINES = Reading(
    select(
        OrderLine.order_id,
        OrderLine.id,
        OrderLine.kind,
        OrderLine.ref,
        OrderLine.title,
        OrderLine.quantity,
        OrderLine.unit_price_minor,
        OrderLine.total_minor,
        OrderLine.tax_minor,
        OrderLine.tax_rate_percent,
        OrderLine.state,
        OrderLine.details,
    )
    .where(one_of(OrderLine.order_id))
    .order_by(OrderLine.position)
)
PAYMENTS = Reading(
    select(
        Payment.order_id,
        Payment.id,
        Payment.provider,
        Payment.state,
        Payment.amount_minor,
        Payment.currency,
        Payment.decline,
        Payment.created_at,
    )
    .where(one_of(Payment.order_id))
    .order_by(Payment.id)
)
ADMIN_ROW = (
    Order.id,
    Order.number,
    Order.status,
    Order.contact_name,
    Order.contact_email,
    Order.currency,
    Order.total_minor,
    Order.paid_minor,
    Order.refunded_minor,
    Order.created_at,
)
"""Reading columns instead of objects halves the time of a page; nothing is changed here."""


def orders_out(session: Session, orders: Sequence[Order], finders: Iterable[OrderCertificates]) -> list[OrderOut]:
    """The orders with lines, payments and certificates."""
    ids = [order.id for order in orders]
    if not ids:
        return []
    lines_by, payments_by = map(_grouped, fetch(session, LINES, PAYMENTS, ids=ids))
    certificates = _certificates(session, ids, finders)
    return [_order_out(order, lines_by[order.id], payments_by[order.id], certificates[order.id]) for order in orders]


def own_orders(
    session: Session, account_id: uuid.UUID, query: PageQuery, finders: Iterable[OrderCertificates]
) -> Page[OrderOut]:
    """The account's orders, newest first."""
    mine = select(Order).where(Order.account_id == account_id)
    orders, cursor = keyset(session, mine, query, (Order.id,))
    return Page(items=orders_out(session, orders, finders), next=cursor)


def all_orders(
    session: Session, query: AdminOrderQuery, people: Callable[[str], list[uuid.UUID]]
) -> Page[AdminOrderRow]:
    """The tenant's orders, newest first.

    :param people: accounts whose name matches words, whatever the case and the dots on the letters.
    """
    wanted: Select[*tuple[Any, ...]] = select(*ADMIN_ROW)
    if query.status:
        wanted = wanted.where(Order.status == query.status)
    if query.q:
        wanted = _matching(wanted, query.q, people)
    return page(keyset_rows(session, wanted, query, (Order.id,)), admin_row)


def _matching(wanted: Select[Any], words: str, people: Callable[[str], list[uuid.UUID]]) -> Select[Any]:
    """By number, the beginning of one, e-mail address or name; each through an index."""
    if "@" in words:
        return wanted.where(Order.contact_email == words.lower())
    number = words.upper()
    if any(letter.isdigit() for letter in number) or "-" in number:
        return wanted.where(Order.number >= number, Order.number < number + "~")
    return wanted.where(Order.account_id.in_(people(words)))


def admin_row(order: Row[*tuple[Any, ...]]) -> AdminOrderRow:
    """One row of the panel's list."""
    return AdminOrderRow(
        id=order.id,
        number=order.number,
        status=order.status,
        customer=order.contact_name,
        email=order.contact_email,
        total=MoneyOut.of(order.total_minor, order.currency),
        paid=MoneyOut.of(order.paid_minor, order.currency),
        refunded=MoneyOut.of(order.refunded_minor, order.currency),
        created_at=order.created_at,
    )


def _order_out(
    order: Order,
    lines: list[Row[*tuple[Any, ...]]],
    payments: list[Row[*tuple[Any, ...]]],
    certificates: list[CertificateRef],
) -> OrderOut:
    currency = order.currency
    return OrderOut(
        id=order.id,
        number=order.number,
        status=order.status,
        total=MoneyOut.of(order.total_minor, currency),
        paid=MoneyOut.of(order.paid_minor, currency),
        refunded=MoneyOut.of(order.refunded_minor, currency),
        currency=currency,
        lines=[_line_out(line, currency) for line in lines],
        payments=[payment_out(payment) for payment in payments],
        hold_expires_at=order.hold_expires_at,
        certificates=[CertificateBrief(id=ref.id, status=ref.status, code=ref.code) for ref in certificates],
        created_at=order.created_at,
        version=order.version,
    )


def _line_out(line: Any, currency: str) -> OrderLineOut:
    return OrderLineOut(
        id=line.id,
        kind=line.kind,
        ref=line.ref,
        title=line.title,
        quantity=line.quantity,
        unit_price=MoneyOut.of(line.unit_price_minor, currency),
        total=MoneyOut.of(line.total_minor, currency),
        tax=MoneyOut.of(line.tax_minor, currency),
        tax_rate_percent=f"{line.tax_rate_percent.normalize():f}",
        state=line.state,
        details=line.details,
    )


def payment_out(payment: Any) -> PaymentBrief:
    """A payment as its payer sees it."""
    return PaymentBrief(
        id=payment.id,
        provider=payment.provider,
        state=payment.state,
        amount=MoneyOut.of(payment.amount_minor, payment.currency),
        decline=payment.decline,
        created_at=payment.created_at,
    )


def _grouped(rows: Iterable[Any]) -> dict[uuid.UUID, list[Any]]:
    found: dict[uuid.UUID, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.order_id].append(row)
    return found


def _certificates(
    session: Session, ids: list[uuid.UUID], finders: Iterable[OrderCertificates]
) -> dict[uuid.UUID, list[CertificateRef]]:
    found: dict[uuid.UUID, dict[uuid.UUID, CertificateRef]] = defaultdict(dict)
    for finder in finders:
        for order_id, refs in finder(session, ids).items():
            found[order_id].update({ref.id: ref for ref in refs})
    return defaultdict(list, {order_id: list(refs.values()) for order_id, refs in found.items()})
