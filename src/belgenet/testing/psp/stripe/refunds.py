"""Refunds, never more than what is left of the charge."""

from typing import Any

from pyramid.request import Request

from belgenet.testing.psp.runtime import Psp, now, psp_of
from belgenet.testing.psp.stripe.api import invalid, missing, new_id, page_of, stripe_call, whole
from belgenet.testing.psp.stripe.events import emit

REASONS = {None, "duplicate", "fraudulent", "requested_by_customer"}


@stripe_call("refund.create")
def create(request: Request, params: dict[str, Any]) -> dict[str, Any]:
    """Give a part or all of an intent back."""
    if params.get("reason") not in REASONS:
        raise invalid("Invalid reason", "reason")
    amount = whole(params, "amount") if "amount" in params else None
    metadata = params.get("metadata") or {}
    return give_back(psp_of(request), str(params.get("payment_intent")), amount, metadata, params.get("reason"))


@stripe_call("refund.retrieve")
def retrieve(request: Request, params: dict[str, Any]) -> dict[str, Any]:
    """Return a refund."""
    del params
    key = request.matchdict["id"]
    refund = psp_of(request).store.get("refund", key)
    if refund is None:
        raise missing("refund", key)
    return refund


@stripe_call("refund.list")
def listing(request: Request, params: dict[str, Any]) -> dict[str, Any]:
    """Return the refunds of an intent, newest first, a page at a time."""
    wanted = params.get("payment_intent")
    found = [refund for refund in psp_of(request).store.all("refund") if wanted in {None, refund["payment_intent"]}]
    return page_of(found, params, "/v1/refunds")


def give_back(
    psp: Psp, intent_id: str, amount: int | None, metadata: dict[str, Any], reason: str | None
) -> dict[str, Any]:
    """Record a refund of an intent's charge (None: all that is left) and tell the merchant."""
    with psp.store.lock:
        intent = psp.store.get("intent", intent_id)
        if intent is None:
            raise missing("payment_intent", intent_id)
        charge = psp.store.get("charge", intent["latest_charge"] or "")
        if charge is None:
            raise invalid("This PaymentIntent does not have a successful charge to refund.", "payment_intent")
        left = charge["amount"] - charge["amount_refunded"]
        if left == 0:
            raise invalid("Charge has already been refunded.", code="charge_already_refunded")
        amount = left if amount is None else amount
        if amount > left:
            raise invalid("Refund amount is greater than unrefunded amount on charge", "amount")
        refund = {
            "id": new_id("re"),
            "object": "refund",
            "amount": amount,
            "currency": charge["currency"],
            "payment_intent": intent_id,
            "charge": charge["id"],
            "status": "succeeded",
            "reason": reason,
            "failure_reason": None,
            "metadata": metadata,
            "created": int(now()),
        }
        charge["amount_refunded"] += amount
        charge["refunded"] = charge["amount_refunded"] == charge["amount"]
        psp.store.put("refund", str(refund["id"]), refund)
        psp.store.put("charge", charge["id"], charge)
    emit(psp, "refund.created", refund, charge["_page"])
    emit(psp, "charge.refunded", charge, charge["_page"])
    return refund
