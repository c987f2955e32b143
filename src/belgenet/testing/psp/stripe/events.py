"""Events: written down, then delivered as webhooks."""

from typing import Any

from pyramid.request import Request

from belgenet.testing.psp.notify import notify_url
from belgenet.testing.psp.runtime import Psp, now, psp_of
from belgenet.testing.psp.stripe.api import missing, new_id, stripe_call
from belgenet.testing.psp.stripe.encoding import render

API_VERSION = "2026-10-28.endive"
WEBHOOK_PATH = "/api/v1/webhooks/stripe"


def emit(psp: Psp, kind: str, doc: dict[str, Any], page: str, *, first: bool = False) -> None:
    """Record that something happened to an object and tell the merchant whose payer returns to `page`."""
    event: dict[str, Any] = {
        "id": new_id("evt"),
        "object": "event",
        "api_version": API_VERSION,
        "created": int(now()),
        "livemode": psp.config.stripe_live,
        "pending_webhooks": 1,
        "type": kind,
        "data": {"object": render(psp.store, doc, [])},
        "request": {"id": None, "idempotency_key": None},
    }
    psp.store.put("event", event["id"], event)
    url = notify_url(psp.config.notify_stripe, page, WEBHOOK_PATH)
    psp.notifier.send("stripe", url, event, now=first)


@stripe_call("event.retrieve")
def retrieve(request: Request, params: dict[str, Any]) -> dict[str, Any]:
    """Return one event."""
    del params
    key = request.matchdict["id"]
    event = psp_of(request).store.get("event", key)
    if event is None:
        raise missing("event", key)
    return event


@stripe_call("event.list")
def listing(request: Request, params: dict[str, Any]) -> dict[str, Any]:
    """Return the events, newest first, of one type where asked."""
    found = [event for event in psp_of(request).store.all("event") if params.get("type") in {None, event["type"]}]
    return {"object": "list", "url": "/v1/events", "has_more": False, "data": found[::-1]}
