from belgenet.core import audit
from belgenet.core.security import Permission
from belgenet.core.web.pagination import Page, page
from belgenet.core.web.request import Request
from belgenet.core.web.service import TenantService, path_id
from belgenet.notifications.models import SmsMessage
from belgenet.notifications.resources import MailsNode, SmsMessageNode, SmsMessagesNode
from belgenet.notifications.schemas import MailOut, MailsQuery, SmsOut, SmsQuery
from belgenet.notifications.services.log import find_mails, find_sms
from belgenet.notifications.services.sms_retry import retry

mails_service = TenantService("mails", "/admin/mails", traverse="/mails", tag="admin")
sms_service = TenantService("sms", "/admin/sms", traverse="/sms", tag="admin")
sms_again = TenantService("sms_retry", f"/admin/sms/{path_id('sms_id')}/retry", traverse="/sms/{sms_id}", tag="admin")


@mails_service.get(permission=Permission.TASKS_MANAGE, context=MailsNode, query=MailsQuery, out=Page[MailOut])
def list_mails(request: Request) -> Page[MailOut]:
    """Mails the tenant sent, newest first: whether each went out, and if not, why."""
    query: MailsQuery = request.validated["query"]
    return page(find_mails(request.db, query), MailOut.model_validate)


@sms_service.get(permission=Permission.TASKS_MANAGE, context=SmsMessagesNode, query=SmsQuery, out=Page[SmsOut])
def list_sms(request: Request) -> Page[SmsOut]:
    """SMS the tenant sent, newest first: whether the provider took each, and if not, why."""
    query: SmsQuery = request.validated["query"]
    return page(find_sms(request.db, query), SmsOut.model_validate)


@sms_again.post(permission=Permission.TASKS_MANAGE, context=SmsMessageNode, out=SmsOut)
def retry_sms(request: Request) -> SmsOut:
    """Send a failed SMS again, once what kept it from going out was mended; asking twice is asking once. One that may have gone out
    (``unknown``), that has no number or whose text was forgotten is refused with ``sms_not_repeatable``.
    """
    row: SmsMessage = request.context.row
    reason = retry(request.db, row)
    if reason is not None:
        before = {"state": "failed", "last_error": reason}
        audit.record(request, "sms.retry", "sms", row.id, before=before, after={"state": row.state})
    return SmsOut.model_validate(row)
