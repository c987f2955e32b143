"""Payments: attempts, webhooks, refunds. Providers are thin adapters; the rules are here."""

from typing import Any

KNOWN_PROVIDERS = ("iyzico", "stripe")
WEBHOOK_OUTCOMES = ("accepted", "duplicate", "unmatched", "malformed", "bad_signature")


def includeme(config: Any) -> None:
    from belgenet.commerce.payments import tasks  # noqa: PLC0415
    from belgenet.commerce.payments.models import RefundStatus, State  # noqa: PLC0415
    from belgenet.commerce.payments.resources import PaymentsNode, ReviewsNode, WebhooksNode  # noqa: PLC0415
    from belgenet.commerce.payments.services.providers import Providers  # noqa: PLC0415
    from belgenet.commerce.payments.views import admin, doors, notices, paying  # noqa: PLC0415
    from belgenet.core.observability.metrics import PAYMENTS, WEBHOOKS, seed  # noqa: PLC0415

    config.registry["belgenet.payment_providers"] = Providers.of(config.registry.settings["belgenet"].payments)
    seed(PAYMENTS, provider=KNOWN_PROVIDERS, state=[*State, *(f"refund_{state}" for state in RefundStatus)])
    seed(WEBHOOKS, provider=KNOWN_PROVIDERS, outcome=WEBHOOK_OUTCOMES)
    config.add_tenant_child("payments", PaymentsNode)
    config.add_tenant_child("webhooks", WebhooksNode)
    config.add_tenant_child("payment-reviews", ReviewsNode)
    config.add_consumer(tasks.sync_webhook)
    config.add_consumer(tasks.close_other_pages)
    config.add_periodic("payments.sweep", tasks.SWEEP_SECONDS, tasks.sweep, queue="payments", suspended="serve")
    config.add_periodic(
        "payments.reconcile",
        tasks.RECONCILE_SECONDS,
        tasks.reconcile_books,
        scope="platform",
        queue="payments",
        soft_time_limit_seconds=tasks.RECONCILE_LIMIT_SECONDS,
    )
    config.add_periodic("payments.purge", tasks.PURGE_SECONDS, tasks.purge, suspended="serve")
    for views in (paying, doors, admin, notices):
        config.add_services(views)
