"""Checkout Sessions: created by the merchant, paid on the hosted page."""

from collections.abc import Mapping
from typing import Any

from pyramid.request import Request

from belgenet.testing.psp.cards import STRIPE, Card, find
from belgenet.testing.psp.runtime import Psp, now, psp_of
from belgenet.testing.psp.stripe.api import invalid, missing, new_id, stripe_call, whole
from belgenet.testing.psp.stripe.events import emit
from belgenet.testing.psp.stripe.intents import attempt, new_intent

SHORTEST, LONGEST = 30 * 60 - 30, 24 * 3600 + 30


@stripe_call("session.create")
def create(request: Request, params: dict[str, Any]) -> dict[str, Any]:
    """Open a session in mode `payment` with prices given inline."""
    psp = psp_of(request)
    if params.get("mode") != "payment" or not params.get("success_url"):
        raise invalid("mode and success_url are required", "mode")
    lines, currency = _lines(params.get("line_items") or [])
    expires = int(params.get("expires_at") or now() + LONGEST)
    if not SHORTEST <= expires - now() <= LONGEST:
        raise invalid("expires_at must be between 30 minutes and 24 hours from now", "expires_at")
    total, key = sum(line["amount"] for line in lines), new_id("cs")
    session = {
        "id": key,
        "object": "checkout.session",
        "mode": "payment",
        "status": "open",
        "payment_status": "unpaid",
        "amount_subtotal": total,
        "amount_total": total,
        "currency": currency,
        "client_reference_id": params.get("client_reference_id"),
        "customer_email": params.get("customer_email"),
        "metadata": params.get("metadata") or {},
        "payment_intent": None,
        "success_url": params["success_url"],
        "cancel_url": params.get("cancel_url"),
        "locale": params.get("locale") or "auto",
        "url": f"{psp.config.public_url}/stripe/pay/{key}",
        "created": int(now()),
        "expires_at": expires,
        "livemode": psp.config.stripe_live,
        "_lines": lines,
        "_intent_data": params.get("payment_intent_data") or {},
    }
    psp.store.put("session", key, session)
    return session


@stripe_call("session.retrieve")
def retrieve(request: Request, params: dict[str, Any]) -> dict[str, Any]:
    """Return a session."""
    del params
    return load(psp_of(request), request.matchdict["id"])


@stripe_call("session.expire")
def expire(request: Request, params: dict[str, Any]) -> dict[str, Any]:
    """Close an open session."""
    del params
    psp = psp_of(request)
    with psp.store.lock:
        session = load(psp, request.matchdict["id"])
        if session["status"] != "open":
            raise invalid(f"This session is {session['status']} and cannot be expired")
        return _expired(psp, session)


def load(psp: Psp, key: str) -> dict[str, Any]:
    """Return a session, closed first if its time is over. Raises a 404 refusal."""
    with psp.store.lock:
        session = psp.store.get("session", key)
        if session is None:
            raise missing("checkout.session", key)
        overdue = session["status"] == "open" and now() >= session["expires_at"]
        return _expired(psp, session) if overdue else session


def pay(psp: Psp, key: str, number: str, faults: Mapping[str, Mapping[str, Any]]) -> str:
    """Try a card on a session; return SUCCESS, FAILURE or EXPIRED. A paid session stays paid.

    Raises a 404 refusal for an unknown session.
    """
    first = "webhook_first" in faults
    with psp.store.lock:
        session = load(psp, key)
        if session["status"] != "open":
            return "SUCCESS" if session["status"] == "complete" else "EXPIRED"
        card = find(STRIPE, number)
        if "decline" in faults:
            decline = str(faults["decline"].get("code", "insufficient_funds"))
            card = Card("", "visa", "declined", "card_declined", decline)
        intent = psp.store.get("intent", session["payment_intent"] or "") or _intent(session, faults)
        charge = attempt(psp, intent, card)
        session["payment_intent"] = intent["id"]
        if charge is not None:
            session |= {"status": "complete", "payment_status": "paid"}
        psp.store.put("session", key, session)
    page = session["success_url"]
    if charge is None:
        emit(psp, "payment_intent.payment_failed", intent, page, first=first)
        return "FAILURE"
    emit(psp, "payment_intent.succeeded", intent, page)
    emit(psp, "charge.succeeded", charge, page)
    emit(psp, "checkout.session.completed", session, page, first=first)
    return "SUCCESS"


def _intent(session: dict[str, Any], faults: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    amount, currency = session["amount_total"], session["currency"]
    if "wrong_amount" in faults:
        amount = int(amount * float(faults["wrong_amount"].get("factor", 2)))
    if "wrong_currency" in faults:
        currency = str(faults["wrong_currency"].get("currency", "usd")).lower()
    data = session["_intent_data"]
    return new_intent(amount, currency, data.get("metadata") or {}, session["success_url"], live=session["livemode"])


def _expired(psp: Psp, session: dict[str, Any]) -> dict[str, Any]:
    session["status"] = "expired"
    psp.store.put("session", session["id"], session)
    emit(psp, "checkout.session.expired", session, session["success_url"])
    return session


def _lines(items: Any) -> tuple[list[dict[str, Any]], str]:
    lines, currencies = [], set()
    for item in items if isinstance(items, list) else []:
        price = item.get("price_data") or {}
        amount = whole(price, "unit_amount") * whole(item, "quantity")
        name = (price.get("product_data") or {}).get("name")
        if not name or not price.get("currency"):
            raise invalid("price_data needs currency and product_data[name]", "line_items")
        currencies.add(price["currency"])
        lines.append({"name": name, "amount": amount})
    if len(currencies) != 1:
        raise invalid("line_items of one currency are required", "line_items")
    return lines, currencies.pop()
