"""Counting attempts so that even one that takes its whole process along is counted.

Before a consumer runs, ``started_at`` is written in a transaction of its own. A run that ends, well or badly, clears it; one that
died (out of memory, a crash in a C library, ``kill -9``) leaves it behind. Whoever comes next counts that as a failed attempt, so
such a delivery waits longer each time and ends as a dead letter.

That nobody holds the row's lock does not mean that a run died: consumers may commit half-way. It died when the broker says so, or
when its mark is older than any run can become.
"""

import random
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select

from belgenet.core.db.session import TENANT_SETTING, driver_of
from belgenet.core.db.types import utcnow
from belgenet.core.outbox.models import Delivery
from belgenet.core.tasks.surroundings import task_request

FIRST_RETRY_SECONDS: Final = 2
LONGEST_RETRY_SECONDS: Final = 900
KILLED_AFTER_SECONDS: Final = 15
"""How long after the soft time limit Celery ends the child that runs a task."""
LOST: Final = "The process that ran it died."
# Not worth a disk flush: a server that crashes forgets at most an attempt. The row in use by another worker is left alone.
_ANNOUNCE: Final = (
    f"SELECT set_config('{TENANT_SETTING}', %(tenant)s, true), set_config('synchronous_commit', 'off', true)"
)
_MARK: Final = """
    UPDATE outbox_deliveries AS row SET started_at = %(now)s
    FROM (SELECT id, started_at FROM outbox_deliveries
          WHERE id = %(id)s AND state = 'pending' FOR UPDATE SKIP LOCKED) AS found
    WHERE row.id = found.id RETURNING found.started_at
"""


def mark_start(registry: Any, delivery_id: UUID, tenant_id: UUID, *, redelivered: bool) -> bool | None:
    """Say durably that a run begins; one round trip.

    :param redelivered: the broker gave the message out before and never heard of it again.
    :returns: True: run it; False: the run before this one was lost, count it first; None: finished, or another worker has it.
    """
    now = utcnow()
    longest = registry.settings["belgenet"].tasks.soft_time_limit_seconds + KILLED_AFTER_SECONDS
    with registry["belgenet.engine"].connect() as connection:
        driver = driver_of(connection)
        with driver.pipeline():
            driver.execute(_ANNOUNCE, {"tenant": str(tenant_id)})
            marked = driver.execute(_MARK, {"id": delivery_id, "now": now})
            driver.execute("COMMIT")
        row = marked.fetchone()
    if row is None:
        return None
    before = row[0]
    return before is None or not (redelivered or before < now - timedelta(seconds=longest))


def count_failure(registry: Any, delivery_id: UUID, tenant_id: UUID, error: str) -> str:
    """Count the attempt in a transaction of its own: backoff with jitter, or a dead letter.

    :returns: ``retry``, ``dead``, or ``skipped`` when it was finished meanwhile.
    """
    with task_request(registry, tenant_id) as request:
        row = request.db.scalar(
            select(Delivery).where(Delivery.id == delivery_id, Delivery.state == "pending").with_for_update()
        )
        if row is None:
            return "skipped"
        row.attempts += 1
        row.last_error = error[-4000:]
        row.started_at = None
        if row.attempts >= request.settings.tasks.max_attempts:
            row.state, row.finished_at = "dead", utcnow()
            return "dead"
        wait = min(FIRST_RETRY_SECONDS * 2 ** (row.attempts - 1), LONGEST_RETRY_SECONDS)
        row.available_at = utcnow() + timedelta(seconds=wait * random.uniform(0.8, 1.2))  # noqa: S311 - jitter
        return "retry"
