"""What the panel's first page says about sales."""

from typing import Any

from belgenet.commerce import panel
from belgenet.commerce.figures import OwnFigures
from belgenet.commerce.payments.models import WebhookInbox


def test_what_waits_is_asked_with_one_query(system: Any, tenant: Any) -> None:
    with system.session(tenant, superuser=True) as session:
        session.add(
            WebhookInbox(provider="iyzico", event_key="1", event_type="x", signed=True, lookup={}, state="unmatched")
        )
    with system.session(tenant) as session, system.count_queries() as seen:
        found = {item.kind: (item.count, item.link) for item in panel.attention(session)}
    assert found == {
        "payment_reviews": (0, "/admin/reviews"),
        "unallocated_orders": (0, "/admin/orders?status=paid_unallocated"),
        "unmatched_webhooks": (1, "/admin/webhooks"),
    }
    assert len([statement for statement in seen if "count(" in statement]) == 1


def test_each_sort_is_counted_apart(system: Any, tenant: Any, other_tenant: Any) -> None:
    with system.session(tenant, superuser=True) as session:
        for key, state in (("1", "unmatched"), ("2", "unmatched"), ("3", "done")):
            session.add(
                WebhookInbox(provider="stripe", event_key=key, event_type="x", signed=True, lookup={}, state=state)
            )
    for place, count in ((tenant, 2), (other_tenant, 0)):
        with system.session(place) as session:
            assert OwnFigures().waiting(session) == (0, 0, count)
