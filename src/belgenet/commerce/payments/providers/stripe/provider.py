"""`PaymentProvider` for Stripe: hosted Checkout Session in, re-fetched objects out."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, cast

import httpx

from belgenet.commerce.payments.providers.errors import ProviderRefused, ProviderUnknown
from belgenet.commerce.payments.providers.http import http_client
from belgenet.commerce.payments.providers.interfaces import (
    AttemptRef,
    AttemptRequest,
    Checkout,
    Observation,
    PaymentState,
    ProviderEntry,
    RefundOutcome,
    RefundRecord,
    RefundRequest,
    RefundState,
    WebhookHint,
)
from belgenet.commerce.payments.providers.stripe import refunds, report, webhook
from belgenet.commerce.payments.providers.stripe.checkout import session_params
from belgenet.commerce.payments.providers.stripe.client import HttpxStripeHttp, stripe_client
from belgenet.commerce.payments.providers.stripe.codes import MISSING, translated
from belgenet.commerce.payments.providers.stripe.config import PROVIDER, StripeConfig
from belgenet.commerce.payments.providers.stripe.observe import observe_intent, observe_session

CHARGE = "latest_charge.balance_transaction"


def utcnow() -> datetime:
    """Return the current time in UTC."""
    return datetime.now(UTC)


class StripeProvider:
    """One Stripe account. Calls that change something carry an idempotency key made of our own row's id."""

    name = PROVIDER

    def __init__(
        self,
        config: StripeConfig,
        client: httpx.Client | None = None,
        clock: Callable[[], datetime] = utcnow,
    ) -> None:
        self._config = config
        self._http = HttpxStripeHttp(client or http_client(config.connect_timeout, config.read_timeout))
        self._stripe = stripe_client(config, self._http)
        self._clock = clock

    def begin(self, request: AttemptRequest) -> Checkout:
        """Create a Checkout Session; repeating it for the same attempt returns the same session."""
        params = cast("Any", session_params(request, self._config))
        with translated():
            session = self._stripe.v1.checkout.sessions.create(
                params, {"idempotency_key": f"pi:{request.attempt_id}"}
            ).to_dict()
        url, token, expires = session.get("url"), session.get("id"), session.get("expires_at")
        if not isinstance(url, str) or not isinstance(token, str) or not isinstance(expires, int):
            raise ProviderUnknown(PROVIDER, "garbage", "no session")
        return Checkout(
            redirect_url=url,
            token=token,
            expires_at=datetime.fromtimestamp(expires, UTC),
            raw_redacted={key: session.get(key) for key in ("id", "status", "amount_total", "currency")},
        )

    def query(self, ref: AttemptRef) -> Observation:
        """Fetch the session, or the PaymentIntent where only that is known.

        An attempt with neither never showed anybody a page, so there is nothing to be found.
        """
        expired = self._expired(ref)
        try:
            if ref.token:
                session = self._session(ref.token)
                return observe_session(session, ref, live=self._config.live, expired=expired)
            if ref.provider_ref:
                intent = self._intent(ref.provider_ref)
                return observe_intent(intent, ref, live=self._config.live, expired=expired)
        except ProviderRefused as refusal:
            if refusal.code != MISSING:
                raise
        return Observation(state=PaymentState.NOT_FOUND, final=expired, attempt_id=ref.attempt_id)

    def abandon(self, ref: AttemptRef) -> bool:
        """Expire the session; True when it is closed and unpaid."""
        if not ref.token:
            return self._expired(ref)
        try:
            with translated():
                session = self._stripe.v1.checkout.sessions.expire(ref.token).to_dict()
        except ProviderRefused as refusal:
            if refusal.code == MISSING:
                return True
            session = self._session(ref.token)
        return session.get("status") == "expired"

    def refund(self, request: RefundRequest) -> RefundOutcome:
        """Give money back; the same refund id never gives it back twice."""
        params = cast("Any", refunds.refund_params(request))
        try:
            with translated():
                refund = self._stripe.v1.refunds.create(
                    params, {"idempotency_key": f"rf:{request.refund_id}"}
                ).to_dict()
            return refunds.outcome_of(refund, request)
        except ProviderUnknown as error:
            return RefundOutcome(state=RefundState.UNKNOWN, reason=error.code)
        except ProviderRefused as error:
            return RefundOutcome(state=RefundState.FAILED, reason=error.code, retryable=error.retryable)

    def query_refund(self, request: RefundRequest) -> RefundOutcome:
        """Fetch the refund by Stripe's id, or find it by ours among the payment's refunds."""
        if request.refund_ref:
            with translated():
                found: Mapping[str, Any] | None = self._stripe.v1.refunds.retrieve(request.refund_ref).to_dict()
        else:
            found = refunds.find(self._refunds(request.provider_ref), request.refund_id)
        if found is None:
            settled = self._clock() >= request.requested_at + self._config.refund_grace
            return RefundOutcome(state=RefundState.NOT_FOUND, retryable=settled)
        return refunds.outcome_of(found, request)

    def refunds_of(self, ref: AttemptRef) -> tuple[RefundRecord, ...]:
        """Return all refunds of the payment; none before there is a PaymentIntent."""
        if not ref.provider_ref:
            return ()
        return tuple(refunds.record_of(refund) for refund in self._refunds(ref.provider_ref))

    def entries(self, since: datetime, until: datetime) -> tuple[ProviderEntry, ...]:
        """Return the account's charges and refunds."""
        wanted = cast("Any", {"created": {"gte": int(since.timestamp()), "lt": int(until.timestamp())}, "limit": 100})
        with translated():
            charges = [item.to_dict() for item in self._stripe.v1.charges.list(wanted).auto_paging_iter()]
            given_back = [item.to_dict() for item in self._stripe.v1.refunds.list(wanted).auto_paging_iter()]
        return report.entries(charges, given_back)

    def parse_webhook(self, headers: Mapping[str, str], raw_body: bytes, now: datetime) -> WebhookHint:
        """Verify and reduce an event."""
        return webhook.parse(self._config, headers, raw_body, now)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def _session(self, token: str) -> dict[str, Any]:
        with translated():
            params = cast("Any", {"expand": [f"payment_intent.{CHARGE}"]})
            return self._stripe.v1.checkout.sessions.retrieve(token, params).to_dict()

    def _intent(self, intent_id: str) -> dict[str, Any]:
        with translated():
            params = cast("Any", {"expand": [CHARGE]})
            return self._stripe.v1.payment_intents.retrieve(intent_id, params).to_dict()

    def _refunds(self, intent_id: str) -> list[dict[str, Any]]:
        with translated():
            params = cast("Any", {"payment_intent": intent_id, "limit": 100})
            page = self._stripe.v1.refunds.list(params)
            return [refund.to_dict() for refund in page.auto_paging_iter()]

    def _expired(self, ref: AttemptRef) -> bool:
        return ref.expires_at is not None and self._clock() >= ref.expires_at + self._config.expiry_grace
