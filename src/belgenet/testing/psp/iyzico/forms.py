"""Checkout Form: initialise and retrieve."""

from decimal import Decimal
from typing import Any
from uuid import uuid4

from pyramid.request import Request
from pyramid.response import Response

from belgenet.testing.psp.iyzico.api import Refusal, iyzico_call, parsed_amount, success
from belgenet.testing.psp.iyzico.payments import PAYMENT_FIELDS, payment_body
from belgenet.testing.psp.runtime import now, psp_of

CURRENCIES = {"TRY", "USD", "EUR", "GBP", "NOK", "CHF"}
BUYER = ("id", "name", "surname", "email", "gsmNumber", "registrationAddress", "city", "country")
ADDRESS = ("address", "contactName", "city", "country")
ITEM = ("id", "price", "name", "category1", "itemType")


@iyzico_call("initialize")
def initialize(request: Request, body: dict[str, Any]) -> Response:
    """Open a form and name its hosted page."""
    psp = psp_of(request)
    _check(body)
    token = str(uuid4())
    form = {
        "token": token,
        "conversationId": str(body.get("conversationId") or ""),
        "basketId": str(body.get("basketId") or ""),
        "price": parsed_amount(body["price"]),
        "paidPrice": parsed_amount(body["paidPrice"]),
        "currency": body["currency"],
        "callbackUrl": body["callbackUrl"],
        "locale": "en" if body.get("locale") == "en" else "tr",
        "installments": body.get("enabledInstallments") or [1],
        "items": [{name: str(item[name]) for name in ITEM} for item in body["basketItems"]],
        "created": now(),
        "expires": now() + psp.config.token_seconds,
        "payments": [],
    }
    psp.store.put("form", token, form)
    page = f"{psp.config.public_url}/iyzico/pay/{token}"
    answer = {
        "conversationId": form["conversationId"],
        "token": token,
        "checkoutFormContent": f'<script type="text/javascript">/* {page} */</script>',
        "tokenExpireTime": psp.config.token_seconds,
        "paymentPageUrl": page,
    }
    return success(request, answer, ("conversationId", "token"))


@iyzico_call("retrieve")
def retrieve(request: Request, body: dict[str, Any]) -> Response:
    """Tell the state of a form: its payment, its last refusal, or that nobody has tried a card yet."""
    store = psp_of(request).store
    form = store.get("form", str(body.get("token")))
    if form is None or not form["payments"]:
        raise Refusal("5087", "NOT_FOUND")
    payment = store.get("payment", form["payments"][-1])
    if payment is None:
        raise Refusal("5087", "NOT_FOUND")
    answer = payment_body(payment) | {
        "paymentStatus": payment["status"],
        "token": form["token"],
        "callbackUrl": form["callbackUrl"],
        "conversationId": str(body.get("conversationId") or ""),
    }
    return success(request, answer, ("paymentStatus", *PAYMENT_FIELDS, "token"))


def _check(body: dict[str, Any]) -> None:
    buyer = body.get("buyer") or {}
    if not buyer.get("identityNumber"):
        raise Refusal("8")
    parts = [(body, ("price", "paidPrice", "callbackUrl")), (buyer, BUYER)]
    parts += [(body.get(name) or {}, ADDRESS) for name in ("shippingAddress", "billingAddress")]
    parts += [(item, ITEM) for item in body.get("basketItems") or [{}]]
    if any(not part.get(name) for part, names in parts for name in names):
        raise Refusal("11")
    if body.get("currency") not in CURRENCIES or not str(body["callbackUrl"]).startswith(("http://", "https://")):
        raise Refusal("11")
    total = sum(Decimal(parsed_amount(item["price"])) for item in body["basketItems"])
    if total != Decimal(parsed_amount(body["price"])):
        raise Refusal("5062")
