"""The control API: what a test may see and order. JSON in, JSON out; only this machine can reach it."""

from collections.abc import Callable
from dataclasses import asdict
from decimal import Decimal
from typing import Any

from pyramid.config import Configurator
from pyramid.request import Request
from pyramid.response import Response

from belgenet.testing.psp import scenarios
from belgenet.testing.psp.faults import KNOWN, Fault
from belgenet.testing.psp.iyzico.api import Refusal
from belgenet.testing.psp.runtime import Psp, psp_of
from belgenet.testing.psp.stripe.api import StripeRefusal
from belgenet.testing.psp.wire import raw_json

Action = Callable[[Psp, dict[str, Any]], Any]


def health(psp: Psp, _body: dict[str, Any]) -> Any:
    """Say that it is alive, and what it is."""
    return {"status": "ok", "warning": "TEST PAYMENT PROVIDER - no money moves", "url": psp.config.public_url}


def list_faults(psp: Psp, _body: dict[str, Any]) -> Any:
    """Return the armed faults and all that can be ordered."""
    return {"armed": [asdict(fault) for fault in psp.faults.armed()], "known": KNOWN}


def arm_fault(psp: Psp, body: dict[str, Any]) -> Any:
    """Arm a fault: {operation, fault, times?, contains?, params?}."""
    psp.faults.arm(Fault(**body))
    return {"armed": True}


def clear_faults(psp: Psp, _body: dict[str, Any]) -> Any:
    """Disarm everything."""
    psp.faults.clear()
    return {"armed": False}


def charges(psp: Psp, _body: dict[str, Any]) -> Any:
    """Return every successful charge of both protocols, to compare with a ledger."""
    return {"charges": scenarios.charges(psp)}


def refunds(psp: Psp, _body: dict[str, Any]) -> Any:
    """Return every refund and cancellation of both protocols."""
    return {"refunds": scenarios.refunds(psp)}


def webhooks(psp: Psp, _body: dict[str, Any]) -> Any:
    """Return every webhook delivery with its state, tries and last status."""
    return {"webhooks": psp.store.all("delivery")}


def pay(psp: Psp, body: dict[str, Any]) -> Any:
    """Pay a token or session without a browser: {token, card?, installment?}."""
    status, url = scenarios.pay(psp, str(body["token"]), body.get("card"), int(body.get("installment", 1)))
    return {"status": status, "return_url": url}


def expire(psp: Psp, body: dict[str, Any]) -> Any:
    """Let a hosted page's time run out: {token}."""
    scenarios.expire(psp, str(body["token"]))
    return {"expired": True}


def fraud(psp: Psp, body: dict[str, Any]) -> Any:
    """Finish an iyzico fraud review: {payment_id, status: 1|-1}."""
    scenarios.finish_review(psp, str(body["payment_id"]), int(body["status"]))
    return {"reviewed": True}


def refund(psp: Psp, body: dict[str, Any]) -> Any:
    """Refund in the provider's own panel: {payment_id, amount?} (decimal text, default all that is left)."""
    amount = Decimal(str(body["amount"])) if "amount" in body else None
    scenarios.panel_refund(psp, str(body["payment_id"]), amount)
    return {"refunded": True}


def dispute(psp: Psp, body: dict[str, Any]) -> Any:
    """Let a Stripe payment be disputed: {payment_id, status: needs_response|under_review|won|lost|warning_closed, id?}."""
    payment = str(body["payment_id"])
    scenarios.dispute(psp, payment, str(body["status"]), str(body.get("id") or f"dp_{payment}"))
    return {"disputed": True}


def unknown_transaction(psp: Psp, body: dict[str, Any]) -> Any:
    """Charge somebody we know nothing of: {provider, amount, currency, page}; `page` names the
    merchant's host.
    """
    key = scenarios.unknown_transaction(psp, **{name: str(body[name]) for name in body})
    return {"payment_id": key}


def replay(psp: Psp, body: dict[str, Any]) -> Any:
    """Send an old webhook again, byte for byte: {id}."""
    return {"status": psp.notifier.replay(str(body["id"]))}


def reset(psp: Psp, _body: dict[str, Any]) -> Any:
    """Forget all payments, webhooks and faults."""
    psp.faults.clear()
    psp.store.reset()
    return {"reset": True}


ROUTES: tuple[tuple[str, str, Action], ...] = (
    ("GET", "health", health),
    ("GET", "faults", list_faults),
    ("POST", "faults", arm_fault),
    ("DELETE", "faults", clear_faults),
    ("GET", "charges", charges),
    ("GET", "refunds", refunds),
    ("GET", "webhooks", webhooks),
    ("POST", "webhooks/replay", replay),
    ("POST", "pay", pay),
    ("POST", "expire", expire),
    ("POST", "fraud", fraud),
    ("POST", "refund", refund),
    ("POST", "dispute", dispute),
    ("POST", "unknown-transaction", unknown_transaction),
    ("POST", "reset", reset),
)


def includeme(config: Configurator) -> None:
    """Register the control API under /_control."""
    for method, path, action in ROUTES:
        name = f"control-{method}-{path}"
        config.add_route(name, f"/_control/{path}", request_method=method)
        config.add_view(_view(action), route_name=name)


def _view(action: Action) -> Callable[[Request], Response]:
    def view(request: Request) -> Response:
        # A page in somebody's browser can post forms and text to this machine, but not JSON.
        if request.method == "POST" and request.content_type != "application/json":
            return _answer(415, {"error": "send application/json"})
        try:
            body = request.json_body if request.body else {}
            return _answer(200, action(psp_of(request), body))
        except (StripeRefusal, Refusal, ValueError, TypeError, KeyError, AttributeError) as problem:
            return _answer(400, {"error": f"{type(problem).__name__}: {problem}"})

    return view


def _answer(status: int, body: Any) -> Response:
    return Response(status=status, body=raw_json(body), content_type="application/json", charset="utf-8")
