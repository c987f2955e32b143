"""The doors anybody may knock at: providers' notifications, and browsers coming back from a payment page. They stay open when the
tenant is suspended: who is on the provider's page already pays all the same.
"""

from typing import Annotated

from pydantic import Field
from pyramid.response import Response

from belgenet.commerce.desk import desk_of
from belgenet.commerce.payments.providers.interfaces import Lookup
from belgenet.commerce.payments.resources import PaymentsNode, WebhooksNode
from belgenet.commerce.payments.schemas import Received
from belgenet.commerce.payments.services import inbox, sync
from belgenet.core.security import PUBLIC
from belgenet.core.web.redirect import see_other
from belgenet.core.web.request import Request
from belgenet.core.web.schema import In
from belgenet.core.web.service import TenantService

Token = Annotated[str, Field(min_length=1, max_length=255, pattern=r"^[\x21-\x7e]+$")]

iyzico_webhook = TenantService(
    "iyzico_webhook", "/webhooks/iyzico", traverse="/webhooks", tag="webhooks", suspended="serve"
)
stripe_webhook = TenantService(
    "stripe_webhook", "/webhooks/stripe", traverse="/webhooks", tag="webhooks", suspended="serve"
)
iyzico_return = TenantService(
    "iyzico_return", "/payments/iyzico/return", traverse="/payments", tag="payments", suspended="serve"
)
stripe_return = TenantService(
    "stripe_return", "/payments/stripe/return", traverse="/payments", tag="payments", suspended="serve"
)


@iyzico_webhook.post(permission=PUBLIC, context=WebhooksNode, out=Received, rate="webhook")
def receive_iyzico_webhook(request: Request) -> Received:
    """iyzico reports; the report is only a reason to ask iyzico."""
    return _receive(request, "iyzico")


@stripe_webhook.post(permission=PUBLIC, context=WebhooksNode, out=Received, rate="webhook")
def receive_stripe_webhook(request: Request) -> Received:
    """Stripe reports; the report is only a reason to ask Stripe."""
    return _receive(request, "stripe")


def _receive(request: Request, provider: str) -> Received:
    fresh = inbox.receive(desk_of(request), provider, dict(request.headers), request.body)
    return Received(duplicate=not fresh)


class SessionQuery(In):
    """What Stripe puts behind the return address."""

    session_id: Token


@iyzico_return.post(
    permission=PUBLIC,
    context=PaymentsNode,
    out=None,
    status=303,
    rate="checkout",
    body_media_type="application/x-www-form-urlencoded",
)
def return_from_iyzico(request: Request) -> Response:
    """The payer's browser comes back with a form from iyzico's page: no cookie comes along, the token is all there is."""
    return _come_back(request, "iyzico", _form_token(request))


@stripe_return.get(permission=PUBLIC, context=PaymentsNode, query=SessionQuery, out=None, status=303, rate="checkout")
def return_from_stripe(request: Request) -> Response:
    """The payer's browser comes back from Stripe's page."""
    return _come_back(request, "stripe", request.validated["query"].session_id)


def _form_token(request: Request) -> str:
    try:
        token = request.POST.get("token", "")
    except (ValueError, UnicodeDecodeError):
        return ""
    plain = isinstance(token, str) and token.isascii() and token.isprintable()
    return token if plain and len(token) <= 255 else ""  # noqa: PLR2004 - longer than any provider's token


def _come_back(request: Request, provider: str, token: str) -> Response:
    """Opened once or bookmarked and opened again: ask if there is something to ask, then show the order."""
    desk = desk_of(request)
    attempt = sync.find_attempt(desk, provider, Lookup(token=token)) if token else None
    if attempt is None:
        return see_other(request.url_for_client("/me/orders"))
    attempt_id, order_id = attempt.id, attempt.order_id
    sync.sync_payment(desk, attempt_id, "return", hurried=True)
    return see_other(request.url_for_client(f"/orders/{order_id}"))
