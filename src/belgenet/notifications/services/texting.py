"""Queueing SMS."""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from belgenet.core.db import utcnow, uuid7
from belgenet.core.i18n import DEFAULT_LOCALE, LOCALES, translate
from belgenet.core.outbox import publish
from belgenet.core.sms import count_segments, fold, mobile_number
from belgenet.core.traversal import TenantInfo
from belgenet.notifications.events import SMS_QUEUED
from belgenet.notifications.interfaces import SMS_CONTEXTS
from belgenet.notifications.models import NO_NUMBER, SmsMessage
from belgenet.notifications.services.rendering import one_line

_MAX_NAME: Final = 40
_MAX_GIVEN: Final = 40


def text_of(template: str, locale: str, context: Mapping[str, Any], tenant: TenantInfo) -> str:
    """The text in the reader's language, one line of letters that an SMS can hold; long names of institutions are cut, for every
    letter is paid for.

    :raises KeyError: the template does not exist, or its context lacks something.
    """
    language = locale if locale in LOCALES else DEFAULT_LOCALE
    values = {name: context[name] for name in SMS_CONTEXTS[template]}
    name = fold(one_line(tenant.name))[:_MAX_NAME].strip()
    return fold(one_line(translate(language, f"sms.{template}", tenant_name=name, **values)))


def queue_sms(
    db: Session,
    tenant: TenantInfo,
    template: str,
    to: str,
    locale: str,
    context: Mapping[str, Any],
    dedupe_key: str,
) -> bool:
    """See Notifier.sms. What is no number of a mobile telephone is kept as it was given, as a message that failed."""
    number, now, sms_id = mobile_number(to), utcnow(), uuid7()
    text = text_of(template, locale, context, tenant)
    values = {
        "id": sms_id,
        "tenant_id": tenant.id,
        "dedupe_key": dedupe_key,
        "template": template,
        "locale": locale,
        "recipient": number or one_line(to[:_MAX_GIVEN]),
        "text": text,
        "segments": count_segments(text),
        "state": "queued" if number else "failed",
        "last_error": None if number else NO_NUMBER,
        "created_at": now,
        "updated_at": now,
    }
    written = insert(SmsMessage).values(**values).on_conflict_do_nothing().returning(SmsMessage.id)
    if db.execute(written).scalar() is None or number is None:
        return False
    return publish(db, SMS_QUEUED, {"sms_id": str(sms_id)}, str(sms_id))
