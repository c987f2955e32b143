"""Prometheus metrics. Labels are bounded: routes, not paths; never a tenant's or a person's name."""

from collections.abc import Iterable
from itertools import product

from prometheus_client import Counter, Gauge, Histogram

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 15)

REQUESTS = Counter("belgenet_requests_total", "HTTP requests", ["method", "route", "status"])
REQUEST_SECONDS = Histogram("belgenet_request_seconds", "HTTP request duration", ["method", "route"], buckets=_SECONDS)
RATE_LIMITED = Counter("belgenet_rate_limited_total", "Requests refused by a rate limit", ["limit"])
TASKS = Counter("belgenet_tasks_total", "Deliveries and periodic tasks", ["name", "outcome"])
TASK_SECONDS = Histogram(
    "belgenet_task_seconds", "Duration of deliveries and periodic tasks", ["name"], buckets=_SECONDS
)
RELAYED = Counter("belgenet_relay_deliveries_total", "Deliveries handed to the queue", ["queue"])
PAYMENTS = Counter("belgenet_payments_total", "Payment state changes", ["provider", "state"])
WEBHOOKS = Counter("belgenet_webhooks_total", "Webhooks received", ["provider", "outcome"])
CERTIFICATES = Counter("belgenet_certificates_total", "Certificate state changes", ["kind", "state"])
SMS = Counter("belgenet_sms_total", "SMS by what became of a try to send them", ["state"])
CERTIFICATE_SECONDS = Histogram(
    "belgenet_certificate_seconds",
    "From request to READY",
    ["kind"],
    buckets=(0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60, 300),
)
MAILS = Counter("belgenet_mails_total", "Mails by what became of a try to send them", ["state"])
ORDERS = Counter("belgenet_orders_total", "Orders by the status they came into", ["status"])
SIGN_INS = Counter("belgenet_sign_ins_total", "Tries to sign in with a password", ["outcome"])
SCANS = Counter("belgenet_scans_total", "Uploaded files by what the scanner said", ["verdict"])
STORAGE_CALLS = Counter("belgenet_storage_calls_total", "Calls to the S3 server", ["operation", "outcome"])
STORAGE_SECONDS = Histogram(
    "belgenet_storage_seconds", "Duration of calls to the S3 server", ["operation"], buckets=_SECONDS
)
POOL_IN_USE = Gauge(
    "belgenet_db_connections_in_use",
    "Database connections lent out by the pools",
    ["pool"],
    multiprocess_mode="livesum",
)
POOL_LIMIT = Gauge(
    "belgenet_db_connections_limit", "How many the pools may lend out", ["pool"], multiprocess_mode="livesum"
)
POOL_TIMEOUTS = Counter("belgenet_db_pool_timeouts_total", "Waits for a connection that ended without one", ["pool"])
POOL_SECONDS = Histogram(
    "belgenet_db_pool_wait_seconds", "Until the pool lent a connection", ["pool"], buckets=(0.001, 0.01, 0.1, 0.5, 1, 5)
)
OUTBOX_PENDING = Gauge("belgenet_outbox_pending", "Deliveries not finished", ["queue"], multiprocess_mode="mostrecent")
OUTBOX_DEAD = Gauge("belgenet_outbox_dead", "Dead letters", multiprocess_mode="mostrecent")
OUTBOX_OLDEST = Gauge(
    "belgenet_outbox_oldest_seconds",
    "Age of the oldest delivery not finished",
    ["queue"],
    multiprocess_mode="mostrecent",
)
OUTBOX_LAG = Gauge(
    "belgenet_outbox_lag_seconds", "Age of the oldest event the relay has not taken", multiprocess_mode="mostrecent"
)
OUTBOX_COUNTED = Gauge(
    "belgenet_outbox_counted_timestamp_seconds",
    "When a worker last looked how the outbox is; old when beat or the workers stand still",
    multiprocess_mode="mostrecent",
)


def seed(metric: Counter | Histogram, **values: Iterable[str]) -> None:
    """Let every combination of the labels' values stand at 0 from the start: Prometheus sees the first event only as a rise of
    something that was there before.
    """
    for combination in product(*map(tuple, values.values())):
        metric.labels(**dict(zip(values, combination, strict=True)))
