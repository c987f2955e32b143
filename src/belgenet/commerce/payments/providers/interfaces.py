"""The port between our billing engine and a payment service provider (PSP).

An adapter is pure: it talks HTTP to the provider and returns values; it sees no database, no request and no
tenant. Amounts are integer minor units of `currency` everywhere. Every method may raise a `ProviderError`
(see `errors.py`). A webhook is only a hint to query again; only an `Observation` may move money in our
books.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol, runtime_checkable

from belgenet.commerce.payments.providers.errors import DeclineReason


class PaymentState(StrEnum):
    """What a provider says about one attempt."""

    PENDING = "pending"
    CONFIRMED = "confirmed"
    FAILED = "failed"
    NOT_FOUND = "not_found"
    MISMATCH = "mismatch"


class RefundState(StrEnum):
    """What a provider says about one refund; `NOT_FOUND` and `PARTIAL` come from queries and split
    refunds.
    """

    DONE = "done"
    IN_TRANSIT = "in_transit"
    PARTIAL = "partial"
    FAILED = "failed"
    UNKNOWN = "unknown"
    NOT_FOUND = "not_found"


@dataclass(frozen=True, slots=True, kw_only=True)
class Buyer:
    """The payer as the provider's risk checks want them; absent fields fall back to the configured
    defaults.
    """

    id: str
    full_name: str
    email: str
    phone: str | None = None
    ip: str | None = None
    identity_number: str | None = None
    address: str | None = None
    city: str | None = None
    country: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BasketItem:
    """One order line; the sum of all lines is the attempt's amount."""

    line_id: str
    name: str
    category: str
    amount_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptRequest:
    """One try to collect `amount_minor`. `started_at` is the attempt row's own time: repeating `begin` with
    the same attempt must send the same bytes, because Stripe refuses a reused idempotency key with other
    parameters.
    """

    attempt_id: str
    order_number: str
    amount_minor: int
    currency: str
    locale: str
    buyer: Buyer
    items: tuple[BasketItem, ...]
    return_url: str
    cancel_url: str
    started_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkout:
    """The provider's hosted page for one attempt; `token` finds the attempt again when the payer returns."""

    redirect_url: str
    token: str
    expires_at: datetime
    provider_ref: str | None = None
    raw_redacted: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptRef:
    """How to ask about an attempt, with what we expect to hear; `token` is absent when `begin` had no
    answer.
    """

    attempt_id: str
    order_number: str
    amount_minor: int
    currency: str
    token: str | None = None
    provider_ref: str | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemRef:
    """The provider's own id for one order line of a payment (iyzico `paymentTransactionId`), and its
    share.
    """

    line_id: str
    item_ref: str
    amount_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Mismatch:
    """One field in which the provider's answer contradicts what we asked for."""

    name: str
    expected: str
    seen: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """What the provider says now about one attempt.

    `CONFIRMED` is only ever returned after signature, token, order number, attempt id, currency, amount and
    fraud status were checked. `MISMATCH` means money may have moved but must not be booked without a person
    looking. `final` is False while a later query may answer differently (a failed card on a page that is
    still open). `amount_minor` is what the order receives; `paid_minor` what the card was charged
    (instalment surcharge).
    """

    state: PaymentState
    final: bool
    attempt_id: str
    provider_ref: str | None = None
    amount_minor: int | None = None
    paid_minor: int | None = None
    currency: str | None = None
    order_number: str | None = None
    fraud_review: bool = False
    item_refs: tuple[ItemRef, ...] = ()
    decline: DeclineReason | None = None
    card_brand: str | None = None
    card_last4: str | None = None
    installment: int | None = None
    fees_minor: int | None = None
    refunded_minor: int | None = None
    mismatches: tuple[Mismatch, ...] = ()
    raw_redacted: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundRequest:
    """Give back `amount_minor` of a confirmed payment."""

    refund_id: str
    attempt_id: str
    provider_ref: str
    amount_minor: int
    currency: str
    requested_at: datetime
    reason: str = "requested_by_customer"
    ip: str | None = None
    refund_ref: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundOutcome:
    """What became of a refund. `UNKNOWN` must be answered by `query_refund`, never by a second `refund`.

    `done_minor` is the sum known to be given back; it differs from the request only for `PARTIAL` and
    `UNKNOWN`.
    """

    state: RefundState
    provider_ref: str | None = None
    done_minor: int = 0
    retryable: bool = False
    reason: str | None = None
    raw_redacted: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundRecord:
    """One refund or cancellation the provider knows of; `refund_id` is ours when we asked for it, else
    None.
    """

    provider_ref: str
    refund_id: str | None
    amount_minor: int
    currency: str
    state: RefundState
    created_at: datetime | None = None


class EntryKind(StrEnum):
    """What a line of the provider's own books is about."""

    PAYMENT = "payment"
    REFUND = "refund"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderEntry:
    """One payment or refund as the provider's own books have it, whoever of the installation it belongs to.

    `provider_ref` is the payment's, `entry_ref` the provider's id of the line itself; `our_id` is the attempt or
    refund it was made under when the provider repeats it.
    """

    kind: EntryKind
    provider_ref: str
    entry_ref: str
    our_id: str | None
    amount_minor: int
    currency: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookup:
    """Which attempt a webhook may be about: try `attempt_id`, then `token`, then `provider_ref`. `dispute_ref` is the
    provider's id of the dispute it tells of: a payment may be disputed more than once.
    """

    attempt_id: str | None = None
    token: str | None = None
    provider_ref: str | None = None
    dispute_ref: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookHint:
    """A notification reduced to what is safe to use: a key to drop duplicates by and an attempt to query."""

    provider: str
    event_key: str
    event_type: str
    lookup: Lookup
    status_hint: str | None = None
    signed: bool = True
    occurred_at: datetime | None = None


@runtime_checkable
class PaymentProvider(Protocol):
    """A payment service provider. All methods are synchronous, thread-safe and bounded by the adapter's
    time-outs. Building one opens a connection pool: keep it for the life of the process, not of a request.
    """

    name: str

    def begin(self, request: AttemptRequest) -> Checkout:
        """Open a hosted payment page. `ProviderUnknown`: nobody saw a page, query before trying anew."""
        ...

    def query(self, ref: AttemptRef) -> Observation:
        """Say what became of an attempt; never changes anything at the provider."""
        ...

    def abandon(self, ref: AttemptRef) -> bool:
        """Close the hosted page where the provider can; True when nobody can pay on it any more."""
        ...

    def refund(self, request: RefundRequest) -> RefundOutcome:
        """Give money back, once. A lost answer is an `UNKNOWN` outcome, a refusal a `FAILED` one."""
        ...

    def query_refund(self, request: RefundRequest) -> RefundOutcome:
        """Say what became of a refund asked for earlier under the same `refund_id`."""
        ...

    def refunds_of(self, ref: AttemptRef) -> tuple[RefundRecord, ...]:
        """Every refund the provider knows of for a payment, ours and those made in the provider's own
        panel.
        """
        ...

    def entries(self, since: datetime, until: datetime) -> tuple[ProviderEntry, ...]:
        """Every successful payment and refund of the merchant's account within the time. Raises `ProviderError`."""
        ...

    def parse_webhook(self, headers: Mapping[str, str], raw_body: bytes, now: datetime) -> WebhookHint:
        """Check and reduce a notification. Raises `BadSignature` or `MalformedWebhook`."""
        ...

    def close(self) -> None:
        """Close the connections; the adapter is not to be used afterwards."""
        ...
