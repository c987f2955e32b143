"""What commerce sells, it does not know. A domain registers a :class:`Sellable` per kind of line: ``config.add_sellable(it)``."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol

from sqlalchemy.orm import Session

from belgenet.commerce.orders.models import LineState, Order, OrderLine

__all__ = [
    "AllocationFailed",
    "LineState",
    "Order",
    "OrderLine",
    "OrderOwner",
    "Quote",
    "Sellable",
    "Sellables",
    "add_sellable",
]
"""``Order``, ``OrderLine`` and its states are part of the contract: a sellable is handed them and may read them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderOwner:
    """Who orders, from where and when; the evidence a consent needs."""

    account_id: uuid.UUID
    email: str
    full_name: str
    phone: str | None = None
    locale: str = "tr"
    client_address: str | None = None
    user_agent: str | None = None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """The price of one unit and what must never change afterwards, whatever happens to the catalogue.

    ``unit_price_minor`` includes tax. ``revenue_account`` is the ledger account that receives the net amount, for example
    ``donations_restricted:<campaign id>`` or ``course_revenue_deferred``. ``certificate_follows`` says that a certificate is
    issued as soon as the order is paid, so no separate receipt mail is due. ``details`` (JSON) replaces what the buyer sent.
    """

    title: str
    unit_price_minor: int
    currency: str
    revenue_account: str
    tax_rate_percent: Decimal = Decimal(0)
    category: str = ""
    certificate_follows: bool = False
    details: dict[str, Any] = field(default_factory=dict)


class AllocationFailed(Exception):  # noqa: N818 - the field's name for it
    """There is nothing left to hold or to hand out; ``reason`` is a stable code such as ``out_of_stock``.

    ``params`` fill the translated text, e.g. ``left`` (how many there still are).
    """

    def __init__(self, reason: str = "out_of_stock", **params: Any) -> None:
        super().__init__(reason)
        self.reason = reason
        self.params = params


class Sellable(Protocol):
    """One kind of thing an order line can be.

    Every method runs in the caller's transaction and may be called again for the same line: a second call changes nothing more
    (``hold`` moves the end of the hold). ``session`` is bound to the tenant. ``line.details`` is the quote's snapshot.
    """

    kind: str

    def quote(self, session: Session, ref: str, quantity: int, details: Mapping[str, Any], owner: OrderOwner) -> Quote:
        """Price and snapshot. :raises belgenet.core.web.errors.Problem: unknown, not for sale, or the details are wrong."""
        ...

    def hold(self, session: Session, order: Order, line: OrderLine, until: datetime) -> None:
        """Keep ``line.quantity`` units for the line until then, or until ``fulfil`` or ``release``.

        :raises AllocationFailed: not enough is free.
        """
        ...

    def release(self, session: Session, order: Order, line: OrderLine) -> None:
        """Give up what is held for the line."""
        ...

    def fulfil(self, session: Session, order: Order, line: OrderLine) -> None:
        """Hand it over for good, in the transaction that confirms the payment.

        :raises AllocationFailed: the hold was lost and nothing is free; the money stays and a person decides.
        """
        ...

    def revoke(self, session: Session, order: Order, line: OrderLine) -> None:
        """Take it back: its money was refunded. The states of the order's lines say already what remains of it."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateRef:
    """A certificate shown with an order."""

    id: uuid.UUID
    status: str
    code: str


class OrderCertificates(Protocol):
    """Finds the certificates shown with orders. Commerce stands beside ``certificates``, so a floor above introduces them with
    ``config.add_order_certificates(function)``; the same certificate found twice is shown once.
    """

    def __call__(
        self, session: Session, order_ids: Sequence[uuid.UUID]
    ) -> Mapping[uuid.UUID, Sequence[CertificateRef]]:
        """Certificates by order id, in one query."""
        ...


class Sellables(dict[str, Sellable]):
    """The registered kinds."""


def add_sellable(config: Any, sellable: Sellable) -> None:
    """Directive ``config.add_sellable``. :raises ValueError: the kind is taken."""
    sellables: Sellables = config.registry["belgenet.sellables"]
    if sellables.setdefault(sellable.kind, sellable) is not sellable:
        raise ValueError(f"two sellables of kind {sellable.kind}")


def add_order_certificates(config: Any, finder: OrderCertificates) -> None:
    """Directive ``config.add_order_certificates``."""
    config.registry["belgenet.order_certificates"].append(finder)
