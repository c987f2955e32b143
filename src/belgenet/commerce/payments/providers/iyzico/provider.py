"""`PaymentProvider` for iyzico: Checkout Form in, payment detail and reporting out."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

import httpx

from belgenet.commerce.payments.providers.errors import ProviderRefused, ProviderUnknown
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
    WebhookHint,
)
from belgenet.commerce.payments.providers.iyzico import refunds, report, webhook
from belgenet.commerce.payments.providers.iyzico.checkout import initialize_body
from belgenet.commerce.payments.providers.iyzico.codes import NO_SUCH_PAYMENT, decline_of, is_bank_decline
from belgenet.commerce.payments.providers.iyzico.config import PROVIDER, IyzicoConfig
from belgenet.commerce.payments.providers.iyzico.observe import observe
from belgenet.commerce.payments.providers.iyzico.redact import redact
from belgenet.commerce.payments.providers.iyzico.signatures import (
    INITIALIZE_FIELDS,
    PAYMENT_FIELDS,
    RETRIEVE_FIELDS,
)
from belgenet.commerce.payments.providers.iyzico.transport import IyzicoTransport

INITIALIZE_PATH = "/payment/iyzipos/checkoutform/initialize/auth/ecom"
RETRIEVE_PATH = "/payment/iyzipos/checkoutform/auth/ecom/detail"
DETAIL_PATH = "/payment/detail"
DEFAULT_TOKEN_SECONDS = 1800


def utcnow() -> datetime:
    """Return the current time in UTC."""
    return datetime.now(UTC)


class IyzicoProvider:
    """One iyzico merchant. iyzico knows no idempotency keys, so nothing here ever repeats a call by
    itself.
    """

    name = PROVIDER

    def __init__(
        self,
        config: IyzicoConfig,
        client: httpx.Client | None = None,
        clock: Callable[[], datetime] = utcnow,
    ) -> None:
        self._config = config
        self._transport = IyzicoTransport(config, client)
        self._clock = clock

    def begin(self, request: AttemptRequest) -> Checkout:
        """Initialise a Checkout Form and return its hosted page."""
        body = initialize_body(request, self._config)
        answer = self._transport.post(INITIALIZE_PATH, body, INITIALIZE_FIELDS)
        token, url = answer.get("token"), answer.get("paymentPageUrl")
        if not isinstance(token, str) or not isinstance(url, str) or not url.startswith(("https://", "http://")):
            raise ProviderUnknown(PROVIDER, "garbage", "no token or page")
        if answer.get("conversationId") != request.attempt_id:
            raise ProviderUnknown(PROVIDER, "garbage", "another conversation")
        seconds = answer.get("tokenExpireTime")
        lifetime = seconds if isinstance(seconds, int) and seconds > 0 else DEFAULT_TOKEN_SECONDS
        return Checkout(
            redirect_url=url,
            token=token,
            expires_at=self._clock() + timedelta(seconds=lifetime),
            raw_redacted={"request": redact(body), "response": redact(answer)},
        )

    def query(self, ref: AttemptRef) -> Observation:
        """Ask by token, and by our conversation id when there is no token or iyzico does not speak about
        it.
        """
        if ref.token:
            try:
                body = {"locale": "tr", "conversationId": ref.attempt_id, "token": ref.token}
                answer = self._transport.post(RETRIEVE_PATH, body, RETRIEVE_FIELDS)
                return observe(answer, ref, expired=self._expired(ref))
            except ProviderRefused as refusal:
                if is_bank_decline(refusal.code):
                    return self._declined(ref, refusal)
        return self._query_detail(ref)

    def abandon(self, ref: AttemptRef) -> bool:
        """iyzico cannot close a form; it is closed when its token has expired."""
        return self._expired(ref)

    def refund(self, request: RefundRequest) -> RefundOutcome:
        """Give money back."""
        return refunds.refund(self._transport, request)

    def query_refund(self, request: RefundRequest) -> RefundOutcome:
        """Find the refund in iyzico's report by the conversation id it was asked under."""
        known = refunds.records(self._transport, request.provider_ref)
        settled = self._clock() >= request.requested_at + self._config.refund_grace
        return refunds.outcome_of(request, known, settled=settled)

    def refunds_of(self, ref: AttemptRef) -> tuple[RefundRecord, ...]:
        """Return the report's refunds and cancellations; none before there is a payment."""
        return refunds.records(self._transport, ref.provider_ref) if ref.provider_ref else ()

    def entries(self, since: datetime, until: datetime) -> tuple[ProviderEntry, ...]:
        """Return the daily reports' payments and refunds."""
        return report.entries(self._transport, since, until)

    def parse_webhook(self, headers: Mapping[str, str], raw_body: bytes, now: datetime) -> WebhookHint:
        """Check a V3 notification; `now` is unused because iyzico signs no time."""
        del now
        return webhook.parse(self._config, headers, raw_body)

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()

    def _query_detail(self, ref: AttemptRef) -> Observation:
        body = {"locale": "tr", "conversationId": ref.attempt_id, "paymentConversationId": ref.attempt_id}
        if ref.provider_ref:
            body["paymentId"] = ref.provider_ref
        try:
            answer = self._transport.post(DETAIL_PATH, body, PAYMENT_FIELDS)
        except ProviderRefused as refusal:
            if is_bank_decline(refusal.code):
                return self._declined(ref, refusal)
            if refusal.code != NO_SUCH_PAYMENT:
                raise
            return self._nothing(ref)
        charged = {"paymentStatus": "SUCCESS"} if answer.get("itemTransactions") else {}
        return observe(charged | answer, ref, expired=self._expired(ref))

    def _nothing(self, ref: AttemptRef) -> Observation:
        final = self._expired(ref)
        state = PaymentState.PENDING if ref.token and not final else PaymentState.NOT_FOUND
        return Observation(state=state, final=final, attempt_id=ref.attempt_id)

    def _declined(self, ref: AttemptRef, refusal: ProviderRefused) -> Observation:
        final = self._expired(ref)
        state = PaymentState.FAILED if final else PaymentState.PENDING
        return Observation(
            state=state,
            final=final,
            attempt_id=ref.attempt_id,
            decline=decline_of(refusal.code),
            raw_redacted={"errorCode": refusal.code, "errorGroup": refusal.group},
        )

    def _expired(self, ref: AttemptRef) -> bool:
        return ref.expires_at is not None and self._clock() >= ref.expires_at + self._config.expiry_grace
