"""One real object behind every placeholder of the API, all of them in one tenant and owned by one person."""

import uuid
from dataclasses import dataclass
from typing import Any

from tests.common.catalogue import course_line, make_course, make_shop, place_order, settle
from tests.common.forms import FORM, form
from tests.common.samples import png

from belgenet.core.security import Role


@dataclass
class World:
    """``values`` maps each placeholder's name to an object of ``tenant`` that belongs to ``owner``."""

    tenant: Any
    owner: Any
    values: dict[str, str]

    def path(self, pattern: str, names: list[str], stands_for: dict[str, str] | None = None) -> str:
        """A service's path with real ids in it.

        :raises AssertionError: a new placeholder; say here how to make such an object.
        """
        missing = [name for name in names if name not in self.values]
        assert not missing, f"teach tests/security/world.py to make: {missing} (of {pattern})"
        for name in names:
            start = pattern.index(f"{{{name}:")
            pattern = (
                pattern[:start] + self.values[(stands_for or {}).get(name, name)] + pattern[_end(pattern, start) :]
            )
        return pattern


def _end(pattern: str, start: int) -> int:
    depth = 0
    for at in range(start, len(pattern)):
        depth += {"{": 1, "}": -1}.get(pattern[at], 0)
        if depth == 0:
            return at + 1
    raise ValueError(pattern)


def make_world(system: Any, tenant: Any) -> World:
    """Build it through the services that make these things in the product."""
    owner = system.sign_in(tenant, Role.DONOR)
    shop = make_shop(system, tenant)
    course = make_course(system, tenant)
    order = place_order(system, tenant, owner.account_id, shop.line(1))
    learning = place_order(system, tenant, owner.account_id, course_line(course))
    for bought in (order, learning):
        assert settle(system, tenant, bought) is None
    open_order = place_order(system, tenant, owner.account_id, shop.line(1))
    upload = owner.client.post("/files/upload?purpose=avatar", raw=form(png()), headers={"Content-Type": FORM})
    values = {
        "campaign_id": shop.campaign_id,
        "campaign": shop.slug,
        "option_id": shop.small,
        "course_id": course,
        "order_id": open_order,
        "settled_order_id": order,
        "user_id": owner.account_id,
        "kind": "kurban_order",
        "file_id": upload.json["id"] if upload.status_int == 201 else _only(system, "files"),
        "animal_id": _only(system, "animals", "ORDER BY id DESC"),
        "course": _only(system, "courses", column="slug"),
        "section_id": _only(system, "course_sections"),
        "lesson_id": _only(system, "lessons"),
        "enrollment_id": _only(system, "enrollments"),
        "certificate_id": _only(system, "certificates"),
        "code": _only(system, "certificates", column="code"),
        "session_id": _only(system, "refresh_sessions"),
        **_rows(system, tenant, order),
    }
    return World(tenant, owner, {name: str(value) for name, value in values.items()})


def _only(system: Any, table: str, tail: str = "ORDER BY id", column: str = "id") -> Any:
    rows = system.sql(f"SELECT {column} FROM {table} {tail} LIMIT 1")
    assert rows, f"the world has no row in {table}"
    return rows[0][0]


def _rows(system: Any, tenant: Any, order: uuid.UUID) -> dict[str, Any]:
    """What only a provider or a failing worker would make."""
    from belgenet.commerce.payments.models import Payment, PaymentReview, WebhookInbox
    from belgenet.core.outbox import publish
    from belgenet.core.outbox.models import Delivery, OutboxEvent
    from belgenet.notifications.models import SmsMessage

    with system.session(tenant, superuser=True) as session:
        payment = Payment(order_id=order, provider="iyzico", amount_minor=100, currency="TRY")
        session.add(payment)
        session.flush()
        review = PaymentReview(
            order_id=order, payment_id=payment.id, kind="unallocated", dedupe_key="world", details={}
        )
        session.add(review)
        notice = WebhookInbox(
            provider="iyzico", event_key="world", event_type="x", signed=True, lookup={}, state="unmatched"
        )
        session.add(notice)
        publish(session, "world.event", {}, "world")
        event = session.query(OutboxEvent).filter_by(topic="world.event").one()
        dead = Delivery(event_id=event.id, consumer="world", queue="default", state="dead", attempts=9)
        session.add(dead)
        sms = SmsMessage(dedupe_key="world", template="x", locale="tr", recipient="+905321234567", text="x", segments=1)
        sms.state, sms.last_error = "failed", "sender_unknown (netgsm 40)"
        session.add(sms)
        session.flush()
        return {
            "payment_id": payment.id,
            "review_id": review.id,
            "webhook_id": notice.id,
            "letter_id": dead.id,
            "delivery_id": dead.id,
            "sms_id": sms.id,
            "tenant_key": tenant.id,
        }
