"""The two adapters as seen by one suite: what differs between them is here and nowhere else."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from belgenet.commerce.payments.providers.interfaces import (
    AttemptRef,
    AttemptRequest,
    BasketItem,
    Buyer,
    Observation,
    PaymentProvider,
    RefundRequest,
)
from belgenet.commerce.payments.providers.iyzico.config import BuyerDefaults, IyzicoConfig
from belgenet.commerce.payments.providers.iyzico.provider import IyzicoProvider
from belgenet.commerce.payments.providers.stripe.config import StripeConfig
from belgenet.commerce.payments.providers.stripe.provider import StripeProvider
from belgenet.testing.psp.process import PspProcess


@dataclass(frozen=True)
class Rail:
    name: str
    psp: PspProcess
    host: str
    begin_operation: str
    query_operation: str
    refund_operation: str
    report_operation: str
    refused_card: str
    stolen_card: str
    made: dict[str, PaymentProvider] = field(default_factory=dict)

    def provider(self, **changes: Any) -> PaymentProvider:
        """An adapter on the test provider, the same for the same `changes` to its configuration."""
        key = repr(sorted(changes.items()))
        if key not in self.made:
            self.made[key] = self._build(changes)
        return self.made[key]

    def close(self) -> None:
        for provider in self.made.values():
            provider.close()

    def _build(self, changes: dict[str, Any]) -> PaymentProvider:
        keys = self.psp.merchant
        if self.name == "iyzico":
            defaults = BuyerDefaults(identity_number="74300864791", phone="+905350000000", address="-", city="Ankara")
            known = {"api_key": keys.iyzico_key, "secret_key": keys.iyzico_secret, "buyer_defaults": defaults}
            return IyzicoProvider(IyzicoConfig(**(known | {"base_url": self.psp.url} | changes)))
        known = {"secret_key": keys.stripe_key, "webhook_secrets": (keys.stripe_webhook_secret,)}
        return StripeProvider(StripeConfig(**(known | {"api_base": self.psp.url} | changes)))

    def attempt(self, amount=12550, currency="TRY", **changes: Any) -> AttemptRequest:
        first = amount - amount // 5
        lines = (("line-1", first), ("line-2", amount - first))
        values = {
            "attempt_id": str(uuid4()),
            "order_number": f"KC-{uuid4().hex[:8]}",
            "amount_minor": amount,
            "currency": currency,
            "locale": "tr",
            "buyer": Buyer(id="u1", full_name="Ayşe Nur Şahin", email="ayse@example.org"),
            "items": tuple(
                BasketItem(line_id=line, name="Büyükbaş hissesi ğüşİöç", category="kurban", amount_minor=minor)
                for line, minor in lines
            ),
            "return_url": f"http://{self.host}/api/v1/payments/{self.name}/return",
            "cancel_url": f"http://{self.host}/orders/1",
            "started_at": datetime.now(UTC),
        }
        return AttemptRequest(**(values | changes))

    def opened(self, provider: PaymentProvider | None = None, **changes: Any) -> AttemptRef:
        """Begin an attempt and return how to ask about it."""
        request = self.attempt(**changes)
        checkout = (provider or self.provider()).begin(request)
        return ref_of(request, checkout.token, checkout.expires_at)

    def paid(self, **changes: Any) -> tuple[AttemptRef, Observation]:
        ref = self.opened(**changes)
        assert self.psp.pay(ref.token)["status"] == "SUCCESS"
        return ref, self.provider().query(ref)

    def charges(self) -> list[dict[str, Any]]:
        return self.psp.control("GET", "charges")["charges"]

    def refunds(self) -> list[dict[str, Any]]:
        return self.psp.control("GET", "refunds")["refunds"]


def ref_of(request: AttemptRequest, token: str | None, expires_at: datetime | None) -> AttemptRef:
    return AttemptRef(
        attempt_id=request.attempt_id,
        order_number=request.order_number,
        amount_minor=request.amount_minor,
        currency=request.currency,
        token=token,
        expires_at=expires_at,
    )


def refund_of(ref: AttemptRef, seen: Observation, amount: int, **changes: Any) -> RefundRequest:
    values = {
        "refund_id": str(uuid4()),
        "attempt_id": ref.attempt_id,
        "provider_ref": seen.provider_ref,
        "amount_minor": amount,
        "currency": ref.currency,
        "requested_at": datetime.now(UTC),
    }
    return RefundRequest(**(values | changes))


def iyzico(psp: PspProcess, host: str) -> Rail:
    return Rail(
        "iyzico",
        psp,
        host,
        "iyzico.initialize",
        "iyzico.retrieve",
        "iyzico.refund_v2",
        "iyzico.reporting",
        "4111111111111129",
        "4126111111111114",
    )


def stripe(psp: PspProcess, host: str) -> Rail:
    return Rail(
        "stripe",
        psp,
        host,
        "stripe.session.create",
        "stripe.session.retrieve",
        "stripe.refund.create",
        "stripe.refund.list",
        "4000000000009995",
        "4000000000009979",
    )
