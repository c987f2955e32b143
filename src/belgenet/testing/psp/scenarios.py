"""What happens at a provider without the merchant: payers pay, reviewers decide, people use the panel."""

from decimal import Decimal
from typing import Any
from uuid import uuid4

from belgenet.testing.psp import cards
from belgenet.testing.psp.iyzico import payments
from belgenet.testing.psp.iyzico.refunds import give_back, remaining
from belgenet.testing.psp.runtime import Psp, now
from belgenet.testing.psp.stripe import intents, sessions
from belgenet.testing.psp.stripe.events import emit
from belgenet.testing.psp.stripe.refunds import give_back as give_back_intent


def pay(psp: Psp, token: str, card: str | None, installment: int) -> tuple[str, str]:
    """Pay a form or session; return the result and where the payer's browser goes next.

    Raises KeyError or a Stripe refusal for an unknown token.
    """
    subject = f"{token} {card}"
    if token.startswith("cs_"):
        faults = psp.faults.take("stripe.pay", subject)
        status = sessions.pay(psp, token, card or cards.STRIPE[0].number, faults)
        return status, session_return(sessions.load(psp, token))
    faults = psp.faults.take("iyzico.pay", subject)
    status = payments.pay(psp, token, card or cards.IYZICO[0].number, installment, faults)
    form = psp.store.get("form", token) or {}
    return status, str(form["callbackUrl"])


def session_return(session: dict[str, Any]) -> str:
    """Return the success address with the session's id in its place holder."""
    return str(session["success_url"]).replace("{CHECKOUT_SESSION_ID}", session["id"])


def expire(psp: Psp, token: str) -> None:
    """Let a form's or session's time run out now. Raises KeyError for an unknown one."""
    kind, field = ("session", "expires_at") if token.startswith("cs_") else ("form", "expires")
    with psp.store.lock:
        doc = psp.store.get(kind, token)
        if doc is None:
            raise KeyError(token)
        psp.store.put(kind, token, doc | {field: int(now()) - 1})
    if kind == "session":
        sessions.load(psp, token)


def finish_review(psp: Psp, payment_id: str, status: int) -> None:
    """Decide a fraud review; iyzico then notifies again. Raises KeyError or ValueError."""
    if status not in {1, -1}:
        raise ValueError("status is 1 or -1")
    with psp.store.lock:
        payment = psp.store.get("payment", payment_id)
        if payment is None:
            raise KeyError(payment_id)
        payment["fraudStatus"] = status
        psp.store.put("payment", payment_id, payment)
    form = psp.store.get("form", payment["token"]) or {"callbackUrl": ""}
    payments.notify(psp, payment, form["callbackUrl"])


def panel_refund(psp: Psp, payment_id: str, amount: Decimal | None) -> None:
    """Give money back in the provider's panel. iyzico tells nobody, Stripe sends its events.

    For Stripe the amount is in minor units.
    """
    if payment_id.startswith("pi_"):
        give_back_intent(psp, payment_id, None if amount is None else int(amount), {}, None)
        return
    with psp.store.lock:
        payment = psp.store.get("payment", payment_id)
        if payment is None:
            raise KeyError(payment_id)
        lines = [item["paymentTransactionId"] for item in payment["items"]]
        left = sum((remaining(payment, line) for line in lines), Decimal(0))
        give_back(psp, payment, format(amount if amount is not None else left, "f"), "", lines, "panel")


def dispute(psp: Psp, payment_id: str, status: str, key: str) -> None:
    """Let the payer's bank dispute a Stripe payment, or bring the dispute further: `needs_response`, `under_review`, or its end
    (`won`, `lost`, `warning_closed`). Raises KeyError.
    """
    intent = psp.store.get("intent", payment_id)
    if intent is None:
        raise KeyError(payment_id)
    doc = {
        "id": key,
        "object": "dispute",
        "amount": intent["amount"],
        "charge": intent["latest_charge"],
        "currency": intent["currency"],
        "payment_intent": payment_id,
        "reason": "fraudulent",
        "status": status,
        "metadata": {},
    }
    kind = {"needs_response": "created", "under_review": "updated"}.get(status, "closed")
    emit(psp, f"charge.dispute.{kind}", doc, intent["_page"])


def unknown_transaction(psp: Psp, provider: str, amount: str, currency: str, page: str) -> str:
    """Charge a payer the merchant never sent, and notify it; return the payment's id."""
    if provider == "stripe":
        intent = intents.new_intent(int(amount), currency, {}, page, live=psp.config.stripe_live)
        charge = intents.attempt(psp, intent, cards.STRIPE[0])
        emit(psp, "payment_intent.succeeded", intent, page)
        emit(psp, "charge.succeeded", charge or {}, page)
        return str(intent["id"])
    token = str(uuid4())
    form: dict[str, Any] = {
        "token": token,
        "conversationId": str(uuid4()),
        "basketId": f"foreign-{token[:8]}",
        "price": amount,
    }
    form |= {"paidPrice": amount, "currency": currency, "callbackUrl": page, "locale": "tr", "installments": [1]}
    items = [{"id": "foreign", "name": "?", "category1": "?", "itemType": "VIRTUAL", "price": amount}]
    psp.store.put("form", token, form | {"items": items, "payments": [], "expires": now() + 60})
    payments.pay(psp, token, cards.IYZICO[0].number, 1, {})
    return str((psp.store.get("form", token) or form)["payments"][-1])


def charges(psp: Psp) -> list[dict[str, Any]]:
    """Return successful charges as rows of the same shape; `amount` is what the provider itself counts in."""
    rows = [
        {
            "provider": "iyzico",
            "payment_id": payment["paymentId"],
            "attempt_id": payment["conversationId"],
            "order_number": payment["basketId"],
            "amount": payment["price"],
            "currency": payment["currency"],
        }
        for payment in psp.store.all("payment")
        if payment["status"] == "SUCCESS"
    ]
    rows += [
        {
            "provider": "stripe",
            "payment_id": charge["payment_intent"],
            "attempt_id": charge["metadata"].get("attempt_id"),
            "order_number": charge["metadata"].get("order_number"),
            "amount": charge["amount"],
            "currency": charge["currency"].upper(),
        }
        for charge in psp.store.all("charge")
    ]
    return rows


def refunds(psp: Psp) -> list[dict[str, Any]]:
    """Return refunds and cancellations as rows of the same shape."""
    rows: list[dict[str, Any]] = []
    for payment in psp.store.all("payment"):
        entries = [(entry, entry["price"]) for entry in payment["refunds"]]
        entries += [(payment["cancel"], payment["price"])] if payment["cancel"] else []
        for entry, price in entries:
            row = {"provider": "iyzico", "payment_id": payment["paymentId"], "amount": price}
            rows.append(row | {"refund_id": entry["conversationId"], "currency": payment["currency"]})
    for refund in psp.store.all("refund"):
        row = {"provider": "stripe", "payment_id": refund["payment_intent"], "amount": refund["amount"]}
        rows.append(row | {"refund_id": refund["metadata"].get("refund_id"), "currency": refund["currency"].upper()})
    return rows
