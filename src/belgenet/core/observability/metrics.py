"""Prometheus metrics. Labels are bounded: routes, not paths; never a tenant's or a person's name."""

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
OUTBOX_PENDING = Gauge("belgenet_outbox_pending", "Deliveries not finished", ["queue"], multiprocess_mode="mostrecent")
OUTBOX_DEAD = Gauge("belgenet_outbox_dead", "Dead letters", multiprocess_mode="mostrecent")
