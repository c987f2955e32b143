from belgenet.core.security import Permission
from belgenet.core.web.pagination import Page, page
from belgenet.core.web.request import Request
from belgenet.core.web.service import TenantService
from belgenet.notifications.resources import MailsNode, SmsMessagesNode
from belgenet.notifications.schemas import MailOut, MailsQuery, SmsOut, SmsQuery
from belgenet.notifications.services.log import find_mails, find_sms

mails_service = TenantService("mails", "/admin/mails", traverse="/mails", tag="admin")
sms_service = TenantService("sms", "/admin/sms", traverse="/sms", tag="admin")


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
