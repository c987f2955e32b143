"""The panel: notifications of providers that match nothing of ours."""

from belgenet.commerce.payments.resources import WebhookNode, WebhooksNode
from belgenet.commerce.payments.schemas import WebhookDismissal, WebhookOut, WebhookQuery
from belgenet.commerce.payments.services import notices
from belgenet.core import audit
from belgenet.core.security import Permission
from belgenet.core.web.pagination import Page
from belgenet.core.web.request import Request
from belgenet.core.web.service import TenantService, path_id

webhooks = TenantService("admin_webhooks", "/admin/webhooks", traverse="/webhooks", tag="admin")
webhook_dismissal = TenantService(
    "webhook_dismissal",
    f"/admin/webhooks/{path_id('webhook_id')}/dismissal",
    traverse="/webhooks/{webhook_id}",
    tag="admin",
)


@webhooks.get(permission=Permission.ORDER_MANAGE, context=WebhooksNode, query=WebhookQuery, out=Page[WebhookOut])
def list_webhooks(request: Request) -> Page[WebhookOut]:
    """What providers reported, by what became of it; at first what matches no payment of ours."""
    return notices.notices_page(request.db, request.validated["query"])


@webhook_dismissal.post(permission=Permission.ORDER_MANAGE, context=WebhookNode, body=WebhookDismissal, out=WebhookOut)
def dismiss_webhook(request: Request) -> WebhookOut:
    """Say why nothing is to be done about a notification that matches nothing."""
    row, reason = request.context.row, request.validated["body"].reason
    if notices.dismiss(request.db, row.id, reason, request.who.account_id):
        audit.record(request, "payment.webhook.dismiss", "webhook", row.id, after={"reason": reason})
    return notices.notice_out(row)
