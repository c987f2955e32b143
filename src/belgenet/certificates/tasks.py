"""Background work: making certificates, telling their owners, looking after keys."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import structlog

from belgenet.certificates import events
from belgenet.certificates.models import Certificate
from belgenet.certificates.services.documents import Job, make_document, verify_url
from belgenet.certificates.services.generate import (
    PDF,
    CertificateBusyError,
    claim,
    give_up,
    store_and_finish,
)
from belgenet.certificates.services.keys import KeyStore
from belgenet.certificates.services.logo import logo_of
from belgenet.core.db import utcnow
from belgenet.core.outbox import Event, consumer
from belgenet.core.pdf import BrokenTemplateError, PdfRenderer, PdfRenderError
from belgenet.core.signing.secretbox import SecretBox
from belgenet.core.storage import ObjectStore
from belgenet.files.interfaces import FileLibrary
from belgenet.notifications.interfaces import Attachment, Notifier

log = structlog.get_logger(__name__)
_HOPELESS = (BrokenTemplateError, PdfRenderError)
"""Another try with the same template ends the same way; the administrator is told at once."""


@consumer(
    events.REQUESTED,
    name="certificates.generate",
    queue="documents",
    preload=("belgenet.core.pdf.weasy", "belgenet.core.signing.pades", "phonenumbers"),
)
def generate(request: Any, event: Event) -> None:
    """Make one certificate. Entered again after any crash: claim and result are two transactions of their own."""
    certificate_id = UUID(event.payload["certificate_id"])
    job: Job | None = None
    try:
        job = _claim(request, certificate_id)
        if job is None:
            return
        base_url = request.site_url
        request.commit_and_continue()
        made = make_document(request.service(PdfRenderer), job, base_url)
        done = store_and_finish(request.db, request.service(ObjectStore), request.tenant, job, made, utcnow())
        if done is not None:
            _tell(request, done)
    except CertificateBusyError:
        raise
    except Exception as error:
        request.tm.abort()
        request.tm.begin()
        final = event.last_attempt or isinstance(error, _HOPELESS)
        give_up(request.db, certificate_id, job, error, final=final)
        request.commit_and_continue()
        raise


def _claim(request: Any, certificate_id: UUID) -> Job | None:
    patience = timedelta(seconds=request.settings.tasks.soft_time_limit_seconds + 15)
    store = KeyStore(request.db, request.tenant, request.service(SecretBox))
    registry = request.registry["belgenet.certifiables"]
    logo = logo_of(request.tenant, request.service(FileLibrary))
    return claim(request.db, certificate_id, registry, store, now=utcnow(), patience=patience, logo=logo)


def _tell(request: Any, row: Certificate) -> None:
    """Queue the mail to its recipient, and the SMS if there is a number, in the transaction in which it becomes READY: neither is
    ever without the other.
    """
    base_url, notifier = request.site_url, request.service(Notifier)
    address = verify_url(base_url, row.code)
    context = {
        "full_name": row.recipient,
        "title": (row.facts or {}).get("title", ""),
        "number": row.number,
        "download_url": f"{base_url}/me/certificates",
        "verify_url": address,
    }
    attachment = Attachment(f"{row.number}.pdf", PDF, str(row.object_key))
    key = f"certificate_ready:{row.id}"
    notifier.email("certificate_ready", row.email, row.locale, context, key, [attachment])
    if row.phone:
        short = {"number": row.number, "verify_url": address}
        notifier.sms("certificate_ready", row.phone, row.locale, short, key)


def maintain_keys(request: Any) -> None:
    """Make, renew and seal anew the tenant's keys."""
    done = KeyStore(request.db, request.tenant, request.service(SecretBox)).maintain(utcnow())
    if done:
        log.info("certificates.keys", done=done)
