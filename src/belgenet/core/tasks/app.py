"""The Celery application. Three kinds of message only: a delivery of the outbox, the start of a periodic task, an echo."""

import time
from typing import Any
from uuid import UUID

import structlog
from celery import Celery

from belgenet.core.observability.metrics import TASK_SECONDS, TASKS
from belgenet.core.outbox.registry import QUEUES, Periodic
from belgenet.core.outbox.relay import Due
from belgenet.core.tasks.attempts import KILLED_AFTER_SECONDS
from belgenet.core.tasks.deliver import deliver
from belgenet.core.tasks.echo import ECHO, answer
from belgenet.core.tasks.surroundings import task_request
from belgenet.core.traversal import TenantDirectory
from belgenet.settings import Settings

log = structlog.get_logger(__name__)
DELIVER = "belgenet.deliver"
PERIODIC = "belgenet.periodic"


def make_celery(registry: Any) -> Celery:
    """A Celery application over the configured registry."""
    settings: Settings = registry.settings["belgenet"]
    app = Celery("belgenet", broker=settings.tasks.broker_url.get_secret_value(), set_as_current=False)
    app.conf.update(
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        task_ignore_result=True,
        task_default_queue="default",
        task_queues={name: {"exchange": name, "routing_key": name} for name in QUEUES},
        task_soft_time_limit=settings.tasks.soft_time_limit_seconds,
        task_time_limit=settings.tasks.soft_time_limit_seconds + KILLED_AFTER_SECONDS,
        worker_prefetch_multiplier=1,
        worker_hijack_root_logger=False,
        worker_redirect_stdouts=False,
        broker_connection_retry_on_startup=True,
        broker_transport_options={
            "global_keyprefix": f"{settings.tasks.namespace}:",
            "visibility_timeout": settings.tasks.lease_seconds * 4,
            "socket_timeout": 10,
            "socket_connect_timeout": 3,
            "max_retries": 2,
            "queue_order_strategy": "belgenet.core.tasks.order:ByImportance",
        },
        broker_transport="redis",
        beat_schedule={
            item.name: {
                "task": PERIODIC,
                "schedule": item.every_seconds,
                "args": (item.name, None),
                "options": {"queue": item.queue, "expires": max(item.every_seconds, 5), **_limits(item)},
            }
            for item in registry["belgenet.periodic"].values()
        },
    )
    _register(app, registry)
    return app


def _limits(item: Periodic) -> dict[str, int]:
    soft = item.soft_time_limit_seconds
    return {} if soft is None else {"soft_time_limit": soft, "time_limit": soft + KILLED_AFTER_SECONDS}


def _register(app: Celery, registry: Any) -> None:
    @app.task(name=DELIVER, bind=True, shared=False)
    def run_delivery(task: Any, delivery_id: str, tenant_id: str) -> str:
        redelivered = bool((task.request.delivery_info or {}).get("redelivered"))
        return deliver(registry, UUID(delivery_id), UUID(tenant_id), redelivered=redelivered)

    @app.task(name=ECHO, shared=False)
    def run_echo(token: str) -> None:
        answer(registry.settings["belgenet"], token)

    @app.task(name=PERIODIC, shared=False)
    def run_periodic(name: str, tenant_id: str | None) -> None:
        start_periodic(app, registry, registry["belgenet.periodic"][name], UUID(tenant_id) if tenant_id else None)


def start_periodic(app: Celery, registry: Any, item: Periodic, tenant_id: UUID | None) -> None:
    """Run platform work here; spread tenant work into one message per tenant that it is for."""
    if item.scope == "platform" or tenant_id is not None:
        _work(registry, item, tenant_id)
        return
    with task_request(registry, None) as request:
        directory = request.service(TenantDirectory)
        tenants = directory.all_ids() if item.suspended == "serve" else directory.active_ids()
    for found in tenants:
        app.send_task(PERIODIC, (item.name, str(found)), queue=item.queue, expires=max(item.every_seconds, 5))


def _work(registry: Any, item: Periodic, tenant_id: UUID | None) -> None:
    outcome, started = "failed", time.perf_counter()
    try:
        with task_request(registry, tenant_id) as request:
            item.function(request)
        outcome = "done"
    finally:
        TASKS.labels(name=item.name, outcome=outcome).inc()
        TASK_SECONDS.labels(name=item.name).observe(time.perf_counter() - started)


def send_delivery(app: Celery, item: Due, lease_seconds: int) -> None:
    """Ring the bell for one delivery. The bell falls silent with the lease, when the relay rings anew: after hours without workers
    they throw the old messages away unread instead of asking the database about each.
    """
    app.send_task(DELIVER, (str(item.id), str(item.tenant_id)), queue=item.queue, retry=False, expires=lease_seconds)
