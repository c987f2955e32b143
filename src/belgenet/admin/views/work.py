from collections.abc import Sequence

from belgenet.admin.resources import DeadLetterNode, DeadLettersNode, TasksNode
from belgenet.admin.schemas import DeadLetterOut, DeadLettersQuery, RetriedOut, RetryLettersIn, TasksOut
from belgenet.admin.services import work
from belgenet.core import audit
from belgenet.core.outbox.models import Delivery
from belgenet.core.security import Permission
from belgenet.core.web.pagination import Page
from belgenet.core.web.request import Request
from belgenet.core.web.service import TenantService, path_id

letters = TenantService("dead_letters", "/admin/dead-letters", traverse="/dead-letters", tag="admin")
again = TenantService(
    "dead_letter_retry",
    f"/admin/dead-letters/{path_id('letter_id')}/retry",
    traverse="/dead-letters/{letter_id}",
    tag="admin",
)
all_again = TenantService("dead_letters_retry", "/admin/dead-letters/retry", traverse="/dead-letters", tag="admin")
tasks = TenantService("tasks", "/admin/tasks", traverse="/tasks", tag="admin")


@letters.get(
    permission=Permission.TASKS_MANAGE, context=DeadLettersNode, query=DeadLettersQuery, out=Page[DeadLetterOut]
)
def list_dead_letters(request: Request) -> Page[DeadLetterOut]:
    """Work that failed too often, newest first. It waits here until somebody lets it try again."""
    rows, following = work.dead_letters(request.db, request.validated["query"])
    return Page(items=_out(request, rows), next=following)


@again.post(permission=Permission.TASKS_MANAGE, context=DeadLetterNode, out=DeadLetterOut)
def retry_dead_letter(request: Request) -> DeadLetterOut:
    """Let it try again, with all its attempts; asking twice is asking once."""
    row: Delivery = request.context.row
    if work.retry(request.db, row):
        audit.record(request, "dead_letter.retry", "delivery", row.id, after={"consumer": row.consumer})
    return _out(request, [row])[0]


@all_again.post(
    permission=Permission.TASKS_MANAGE,
    context=DeadLettersNode,
    body=RetryLettersIn,
    out=RetriedOut,
)
def retry_dead_letters(request: Request) -> RetriedOut:
    """Let many try again: after a mail server's bad night nobody should press a button a hundred times."""
    body: RetryLettersIn = request.validated["body"]
    found = work.retry_many(request.db, body.consumer, body.limit)
    if found:
        after = {"consumer": body.consumer, "retried": len(found)}
        audit.record(request, "dead_letter.retry_many", "delivery", body.consumer or "*", after=after)
    return RetriedOut(retried=len(found), remaining=work.count_dead(request.db, body.consumer))


@tasks.get(permission=Permission.TASKS_MANAGE, context=TasksNode, out=TasksOut)
def get_tasks(request: Request) -> TasksOut:
    """Unfinished background work by consumer."""
    return work.summary(request.db)


def _out(request: Request, rows: Sequence[Delivery]) -> list[DeadLetterOut]:
    events = work.events_of(request.db, rows)
    return [
        DeadLetterOut(
            id=row.id,
            consumer=row.consumer,
            queue=row.queue,
            topic=events[row.event_id].topic,
            state=row.state,
            attempts=row.attempts,
            error=row.last_error,
            created_at=events[row.event_id].created_at,
            finished_at=row.finished_at,
        )
        for row in rows
    ]
