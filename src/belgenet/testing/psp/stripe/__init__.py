"""The Stripe half of the test payment provider: the subset of objects our adapter and tests use."""

from pyramid.config import Configurator

from belgenet.testing.psp.stripe import events, intents, refunds, sessions

ROUTES = (
    ("POST", "/v1/checkout/sessions", sessions.create),
    ("GET", "/v1/checkout/sessions/{id}", sessions.retrieve),
    ("POST", "/v1/checkout/sessions/{id}/expire", sessions.expire),
    ("POST", "/v1/payment_intents", intents.create),
    ("GET", "/v1/payment_intents/{id}", intents.retrieve),
    ("POST", "/v1/payment_intents/{id}/confirm", intents.confirm),
    ("GET", "/v1/charges", intents.list_charges),
    ("GET", "/v1/charges/{id}", intents.retrieve_charge),
    ("POST", "/v1/refunds", refunds.create),
    ("GET", "/v1/refunds", refunds.listing),
    ("GET", "/v1/refunds/{id}", refunds.retrieve),
    ("GET", "/v1/events", events.listing),
    ("GET", "/v1/events/{id}", events.retrieve),
)


def includeme(config: Configurator) -> None:
    """Register Stripe's calls."""
    for number, (method, path, view) in enumerate(ROUTES):
        name = f"stripe-{number}"
        config.add_route(name, path, request_method=method)
        config.add_view(view, route_name=name)
