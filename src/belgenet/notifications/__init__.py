"""Telling people: mail in the tenant's name and colours, and SMS."""

from typing import Any

FOLDERS = "belgenet.mail_folders"
RENDERER = "belgenet.mail_renderer"


def add_mail_templates(config: Any, folder: str) -> None:
    """``config.add_mail_templates("package:folder")``: where a domain keeps its mail templates."""
    config.registry[FOLDERS].append(folder)


def notifier_of(_context: Any, request: Any) -> Any:
    """The notifier of a request's tenant."""
    from belgenet.core.sms import SmsSender  # noqa: PLC0415
    from belgenet.notifications.services.outbound import TenantNotifier  # noqa: PLC0415

    return TenantNotifier(
        db=request.db,
        tenant=request.tenant,
        renderer=request.registry[RENDERER],
        url=request.site_url,
        sender=request.settings.mail.sender,
        sms_active=request.service(SmsSender).active,
    )


def includeme(config: Any) -> None:
    from belgenet.accounts.interfaces import AccountMailer  # noqa: PLC0415
    from belgenet.core.observability.metrics import MAILS, SMS, seed  # noqa: PLC0415
    from belgenet.core.security import Permission  # noqa: PLC0415
    from belgenet.notifications import tasks, views  # noqa: PLC0415
    from belgenet.notifications.interfaces import Notifier  # noqa: PLC0415
    from belgenet.notifications.resources import MailsNode, SmsMessagesNode  # noqa: PLC0415
    from belgenet.notifications.services.figures import attention  # noqa: PLC0415
    from belgenet.notifications.services.rendering import Renderer  # noqa: PLC0415

    seed(MAILS, state=("sent", "queued", "failed"))
    seed(SMS, state=("sent", "queued", "failed", "unknown"))
    config.registry[FOLDERS] = ["belgenet.notifications:templates"]
    config.registry[RENDERER] = Renderer(config.registry[FOLDERS])
    config.add_directive("add_mail_templates", add_mail_templates)
    for interface in (Notifier, AccountMailer):
        config.register_service_factory(notifier_of, interface)
    config.add_tenant_child("mails", MailsNode)
    config.add_tenant_child("sms", SmsMessagesNode)
    config.add_attention(attention, permission=Permission.TASKS_MANAGE)
    config.add_services(views)
    config.add_consumer(tasks.send_mail)
    config.add_consumer(tasks.send_sms)
    config.add_periodic("notifications.settle", 900, tasks.settle, suspended="serve")
    config.add_periodic("notifications.purge", 86_400, tasks.purge, suspended="serve")
