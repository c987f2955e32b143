from collections import Counter
from typing import Any

from belgenet.admin.services import work
from belgenet.core.db.session import SessionFactory
from belgenet.core.observability.metrics import OUTBOX_DEAD, OUTBOX_PENDING
from belgenet.core.outbox.registry import QUEUES
from belgenet.core.traversal import TenantDirectory


def gauges(request: Any) -> None:
    """Fill the queue gauges. Counted tenant by tenant with the application's own role: needing no more rights is worth a query
    for each of an institution's few tenants.
    """
    found: Counter[tuple[str, str]] = Counter()
    for tenant_id in request.service(TenantDirectory).all_ids():
        with SessionFactory(bind=request.registry["belgenet.engine"], info={"tenant_id": tenant_id}) as session:
            found.update(work.counts(session))
    for queue in QUEUES:
        OUTBOX_PENDING.labels(queue=queue).set(found[queue, work.PENDING])
    OUTBOX_DEAD.set(sum(count for (_, state), count in found.items() if state == work.DEAD))
