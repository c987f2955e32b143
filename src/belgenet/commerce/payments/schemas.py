"""Payments, refunds and reviews as they come in and go out."""

from typing import Any, Literal
from uuid import UUID

from pydantic import Field

from belgenet.commerce.orders.schemas import OrderOut
from belgenet.core.money import MoneyIn, MoneyOut
from belgenet.core.web.pagination import PageQuery
from belgenet.core.web.schema import In, Out, ShortText, Timestamp


class PaymentIn(In):
    """With whom to pay."""

    provider: Literal["iyzico", "stripe"]


class PaymentStarted(Out):
    """Send the payer to ``redirect_url``."""

    payment_id: UUID
    redirect_url: str
    expires_at: Timestamp | None


class RefundIn(In):
    """Money to give back. No amount: all that is left, or what the lines cost. No payment: the one with most left.

    ``line_ids``: what is taken back with it, once all of it has gone through; the rest of the order stands. The amount is then
    the price of the lines (``refundable_lines`` of the order) and may be left out.
    """

    payment_id: UUID | None = None
    line_ids: list[UUID] = Field(default_factory=list, max_length=20)
    amount: MoneyIn | None = None
    reason: ShortText


class RefundOut(Out):
    """A refund. ``unknown``: the provider has not answered; it is asked until it does."""

    id: UUID
    payment_id: UUID
    state: str
    origin: str
    amount: MoneyOut
    done: MoneyOut
    reason: str
    line_ids: list[UUID]
    error: str | None
    created_at: Timestamp


class RefundableLineOut(Out):
    """A line a refund may take back now, and what of its price was not given back yet."""

    line_id: UUID
    amount: MoneyOut


class AttemptOut(Out):
    """One conversation with a provider."""

    id: UUID
    kind: str
    state: str
    provider_ref: str | None
    decline: str | None
    error: str | None
    expires_at: Timestamp | None
    created_at: Timestamp


class AdminPaymentOut(Out):
    """A payment with its attempts."""

    id: UUID
    provider: str
    state: str
    amount: MoneyOut
    refunded: MoneyOut
    refundable: MoneyOut
    provider_ref: str | None
    card: str | None
    created_at: Timestamp
    attempts: list[AttemptOut]


class OrderEventOut(Out):
    """One thing that happened; ``actor`` is who noticed."""

    id: UUID
    kind: str
    at: Timestamp
    actor: str | None
    details: dict[str, Any]


class LedgerLineOut(Out):
    """One line of the books."""

    id: UUID
    entry_id: UUID
    kind: str
    account: str
    debit: MoneyOut | None
    credit: MoneyOut | None
    at: Timestamp


class CustomerOut(Out):
    """Who ordered, as written down when they did."""

    id: UUID
    email: str
    full_name: str
    phone: str | None
    locale: str


class ReviewOut(Out):
    """A decision only a person can take. ``kind``: unallocated, overpaid, mismatch, fraud_review, external_refund,
    refund_failed, dispute; and what reconciliation found: missing_ours, missing_theirs, amount_differs,
    refund_differs.
    """

    id: UUID
    order_id: UUID
    payment_id: UUID | None
    kind: str
    state: str
    details: dict[str, Any]
    note: str | None
    created_at: Timestamp
    resolved_at: Timestamp | None


class ReviewQuery(PageQuery):
    """Filter of the list."""

    state: Literal["open", "resolved"] = "open"


class ReviewResolution(In):
    """What was done about it."""

    note: ShortText


class WebhookOut(Out):
    """What a provider reported. ``unmatched``: it names no payment of ours. ``provider_ref`` is the provider's number for it."""

    id: UUID
    provider: str
    event_type: str
    status_hint: str | None
    signed: bool
    provider_ref: str | None
    attempt_id: str | None
    state: str
    reason: str | None
    occurred_at: Timestamp | None
    received_at: Timestamp
    dismissed_at: Timestamp | None


class WebhookQuery(PageQuery):
    """Filter of the list."""

    state: Literal["received", "done", "ignored", "unmatched", "dismissed"] = "unmatched"


class WebhookDismissal(In):
    """Why nothing is to be done about it."""

    reason: ShortText


class AdminOrderOut(Out):
    """Everything about one order. ``refundable_lines`` is empty while more was paid than the lines cost: that goes back first."""

    order: OrderOut
    customer: CustomerOut
    payments: list[AdminPaymentOut]
    refunds: list[RefundOut]
    refundable_lines: list[RefundableLineOut]
    events: list[OrderEventOut]
    ledger: list[LedgerLineOut]
    reviews: list[ReviewOut]


class Received(Out):
    """A notification was taken in; ``duplicate`` when it had been before."""

    duplicate: bool
