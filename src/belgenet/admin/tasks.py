from collections import Counter
from typing import Any

from belgenet.admin.services import work
from belgenet.core.db.session import SessionFactory
from belgenet.core.observability.metrics import (
    OUTBOX_COUNTED,
    OUTBOX_DEAD,
    OUTBOX_LAG,
    OUTBOX_OLDEST,
    OUTBOX_PENDING,
)
from belgenet.core.outbox.registry import QUEUES
from belgenet.core.traversal import TenantDirectory


def gauges(request: Any) -> None:
    """Fill the queue gauges. Counted tenant by tenant with the application's own role: needing no more rights is worth a query
    for each of an institution's few tenants.
    """
    found: Counter[tuple[str, str]] = Counter()
    oldest: dict[str, float] = {}
    lag = 0.0
    for tenant_id in request.service(TenantDirectory).all_ids():
        with SessionFactory(bind=request.registry["belgenet.engine"], info={"tenant_id": tenant_id}) as session:
            found.update(work.counts(session))
            for queue, seconds in work.ages(session).items():
                oldest[queue] = max(seconds, oldest.get(queue, 0.0))
            lag = max(lag, work.lag(session))
    for queue in QUEUES:
        OUTBOX_PENDING.labels(queue=queue).set(found[queue, work.PENDING])
        OUTBOX_OLDEST.labels(queue=queue).set(oldest.get(queue, 0.0))
    OUTBOX_DEAD.set(sum(count for (_, state), count in found.items() if state == work.DEAD))
    OUTBOX_LAG.set(lag)
    OUTBOX_COUNTED.set_to_current_time()
