"""Orders as they come in and go out."""

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from belgenet.core.money import MoneyOut
from belgenet.core.web.pagination import PageQuery
from belgenet.core.web.schema import In, Out, ShortText, Timestamp

Code = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[A-Za-z0-9_.:-]+$")]


class OrderLineIn(In):
    """One thing to order. ``details`` is the kind's own business, for example on whose behalf a share is."""

    kind: Code
    ref: Code
    quantity: int = Field(default=1, ge=1, le=100)
    details: dict[str, Any] = Field(default_factory=dict, max_length=50)


class OrderIn(In):
    """A new order."""

    lines: list[OrderLineIn] = Field(min_length=1, max_length=20)
    locale: Literal["tr", "en"] | None = None


class CancelIn(In):
    """Why an order is given up; may stay empty."""

    reason: ShortText | None = None


class OrderLineOut(Out):
    """One line, as agreed."""

    id: UUID
    kind: str
    ref: str
    title: str
    quantity: int
    unit_price: MoneyOut
    total: MoneyOut
    tax: MoneyOut
    tax_rate_percent: str
    state: str
    details: dict[str, Any]


class PaymentBrief(Out):
    """A payment as its payer sees it. ``decline`` is a stable code that says why the card was refused, if it was."""

    id: UUID
    provider: str
    state: str
    amount: MoneyOut
    decline: str | None
    created_at: Timestamp


class CertificateBrief(Out):
    """A certificate that belongs to the order."""

    id: UUID
    status: str
    code: str


class OrderOut(Out):
    """An order with everything its owner may know."""

    id: UUID
    number: str
    status: str
    total: MoneyOut
    paid: MoneyOut
    refunded: MoneyOut
    currency: str
    lines: list[OrderLineOut]
    payments: list[PaymentBrief]
    hold_expires_at: Timestamp | None
    certificates: list[CertificateBrief]
    created_at: Timestamp
    version: int


class AdminOrderQuery(PageQuery):
    """Filters of the panel's list. ``q``: an order number, the beginning of one, an e-mail address or a name."""

    status: (
        Literal[
            "pending",
            "partially_paid",
            "paid",
            "paid_unallocated",
            "expired",
            "canceled",
            "partially_refunded",
            "refunded",
        ]
        | None
    ) = None
    q: Annotated[str, Field(min_length=1, max_length=100)] | None = None


class AdminOrderRow(Out):
    """An order in the panel's list."""

    id: UUID
    number: str
    status: str
    customer: str
    email: str
    total: MoneyOut
    paid: MoneyOut
    refunded: MoneyOut
    created_at: Timestamp
