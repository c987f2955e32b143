"""PaymentIntents and the charges they make."""

from typing import Any

from pyramid.request import Request

from belgenet.testing.psp.cards import STRIPE, STRIPE_METHODS, Card, find
from belgenet.testing.psp.runtime import Psp, now, psp_of
from belgenet.testing.psp.stripe.api import StripeRefusal, invalid, missing, new_id, page_of, stripe_call, whole
from belgenet.testing.psp.stripe.events import emit

FEE_PER_MILLE = 29
FIXED_FEE = 30


@stripe_call("intent.create")
def create(request: Request, params: dict[str, Any]) -> dict[str, Any]:
    """Create an intent, and charge it at once where `confirm` says so."""
    psp = psp_of(request)
    amount = whole(params, "amount")
    if not params.get("currency"):
        raise invalid("Missing required param: currency.", "currency", "parameter_missing")
    intent = new_intent(amount, params["currency"], params.get("metadata") or {}, "", live=psp.config.stripe_live)
    intent["payment_method"] = params.get("payment_method")
    psp.store.put("intent", intent["id"], intent)
    return _confirm(psp, intent) if params.get("confirm") == "true" else intent


@stripe_call("intent.retrieve")
def retrieve(request: Request, params: dict[str, Any]) -> dict[str, Any]:
    """Return an intent."""
    del params
    return _load(psp_of(request), request.matchdict["id"])


@stripe_call("intent.confirm")
def confirm(request: Request, params: dict[str, Any]) -> dict[str, Any]:
    """Charge an intent with the method given now or before."""
    psp = psp_of(request)
    intent = _load(psp, request.matchdict["id"])
    if intent["status"] == "succeeded":
        raise invalid("This PaymentIntent has already succeeded", code="payment_intent_unexpected_state")
    intent["payment_method"] = params.get("payment_method") or intent["payment_method"]
    return _confirm(psp, intent)


@stripe_call("charge.retrieve")
def retrieve_charge(request: Request, params: dict[str, Any]) -> dict[str, Any]:
    """Return a charge."""
    del params
    key = request.matchdict["id"]
    charge = psp_of(request).store.get("charge", key)
    if charge is None:
        raise missing("charge", key)
    return charge


@stripe_call("charge.list")
def list_charges(request: Request, params: dict[str, Any]) -> dict[str, Any]:
    """Return the charges made within `created`, newest first, a page at a time."""
    return page_of(psp_of(request).store.all("charge"), params, "/v1/charges")


def new_intent(amount: int, currency: str, metadata: dict[str, Any], page: str, *, live: bool) -> dict[str, Any]:
    """Return an intent nobody has paid yet; `page` is where its payer returns to."""
    key = new_id("pi")
    return {
        "id": key,
        "object": "payment_intent",
        "amount": amount,
        "amount_received": 0,
        "currency": currency.lower(),
        "status": "requires_payment_method",
        "client_secret": f"{key}_secret_test",
        "metadata": metadata,
        "payment_method": None,
        "latest_charge": None,
        "last_payment_error": None,
        "created": int(now()),
        "livemode": live,
        "_page": page,
    }


def attempt(psp: Psp, intent: dict[str, Any], card: Card) -> dict[str, Any] | None:
    """Charge a card for an intent, changing and storing it; return the charge, or None when it was
    refused.
    """
    if card.code:
        decline = card.group if card.code == "card_declined" else None
        problem = {"type": "card_error", "code": card.code, "message": "Your card was declined."}
        intent |= {"status": "requires_payment_method", "last_payment_error": problem | {"decline_code": decline}}
        psp.store.put("intent", intent["id"], intent)
        return None
    fee = (intent["amount"] * FEE_PER_MILLE + 999) // 1000 + FIXED_FEE
    balance = {
        "id": new_id("txn"),
        "object": "balance_transaction",
        "type": "charge",
        "amount": intent["amount"],
        "fee": fee,
        "net": intent["amount"] - fee,
        "currency": intent["currency"],
    }
    charge = {
        "id": new_id("ch"),
        "object": "charge",
        "amount": intent["amount"],
        "amount_refunded": 0,
        "refunded": False,
        "currency": intent["currency"],
        "payment_intent": intent["id"],
        "status": "succeeded",
        "paid": True,
        "captured": True,
        "disputed": False,
        "balance_transaction": balance["id"],
        "metadata": intent["metadata"],
        "outcome": {"type": "authorized", "network_status": "approved_by_network"},
        "payment_method_details": {"type": "card", "card": {"brand": card.brand, "last4": card.number[-4:]}},
        "created": int(now()),
        "livemode": intent["livemode"],
        "_page": intent["_page"],
    }
    paid = {"status": "succeeded", "amount_received": intent["amount"], "latest_charge": charge["id"]}
    intent |= paid | {"last_payment_error": None}
    psp.store.put("balance", str(balance["id"]), balance)
    psp.store.put("charge", str(charge["id"]), charge)
    psp.store.put("intent", intent["id"], intent)
    return charge


def _confirm(psp: Psp, intent: dict[str, Any]) -> dict[str, Any]:
    method = str(intent["payment_method"] or "")
    if not method:
        raise invalid("You must provide a payment method.", "payment_method")
    if method not in STRIPE_METHODS:
        raise missing("PaymentMethod", method)
    charge = attempt(psp, intent, find(STRIPE, STRIPE_METHODS[method]))
    if charge is None:
        emit(psp, "payment_intent.payment_failed", intent, intent["_page"])
        problem = dict(intent["last_payment_error"])
        kind, code, message = problem.pop("type"), problem.pop("code"), problem.pop("message")
        raise StripeRefusal(402, kind, code, message, **problem)
    emit(psp, "payment_intent.succeeded", intent, intent["_page"])
    emit(psp, "charge.succeeded", charge, intent["_page"])
    return intent


def _load(psp: Psp, key: str) -> dict[str, Any]:
    intent = psp.store.get("intent", key)
    if intent is None:
        raise missing("payment_intent", key)
    return intent
