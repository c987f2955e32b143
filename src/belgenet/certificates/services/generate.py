"""Making one certificate: claim it, make the file, store it, say READY. A crash after any line is made good by the next try."""

import uuid
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from belgenet.certificates.interfaces import CertifiableRegistry, CertificateState
from belgenet.certificates.models import Certificate, CertificateCounter
from belgenet.certificates.services import lifecycle
from belgenet.certificates.services.documents import Job, Keys, Sealed, context_of
from belgenet.certificates.services.keys import KeyStore
from belgenet.certificates.services.templates import template_for
from belgenet.core.db import uuid7
from belgenet.core.observability.metrics import CERTIFICATE_SECONDS, CERTIFICATES
from belgenet.core.signing.keys import KeyPurpose
from belgenet.core.storage import ObjectStore, tenant_key
from belgenet.core.traversal import TenantInfo

_WAITING = {CertificateState.PENDING, CertificateState.FAILED}
_NUMBER_PREFIX = 12
_ERROR_LENGTH = 500
PDF = "application/pdf"


class CertificateBusyError(Exception):
    """Another worker is making this certificate right now; the delivery comes again."""


def claim(
    session: Session,
    certificate_id: uuid.UUID,
    registry: CertifiableRegistry,
    store: KeyStore,
    *,
    now: datetime,
    patience: timedelta,
    logo: bytes | None = None,
) -> Job | None:
    """Take a certificate for making; commit before the work begins.

    :param patience: a try older than this is taken for dead.
    :returns: None when there is nothing to do: made or revoked before.
    :raises CertificateBusyError: a living worker has it.
    """
    row = session.scalar(select(Certificate).where(Certificate.id == certificate_id).with_for_update())
    if row is None or row.state in {CertificateState.READY, CertificateState.REVOKED}:
        return None
    if row.state not in _WAITING and row.generating_since and now - row.generating_since < patience:
        raise CertificateBusyError(str(certificate_id))
    row.state, row.generation, row.generating_since = CertificateState.GENERATING, uuid7(), now
    row.attempts += 1
    row.issued_on = row.issued_on or now.astimezone(ZoneInfo(store.tenant.time_zone)).date()
    with session.no_autoflush:  # all of it in one statement
        row.number = row.number or _next_number(session, store.tenant, row.issued_on.year)
        source = template_for(session, row.kind, row.locale)
        row.template_id = source.id
        row.facts = _context(session, row, registry, store.tenant, logo=logo is not None)
    session.flush()
    CERTIFICATES.labels(kind=row.kind, state=CertificateState.GENERATING).inc()
    return Job(
        certificate_id=row.id,
        generation=row.generation,
        code=row.code,
        kind=row.kind,
        requested_at=row.created_at,
        context=row.facts,
        source=source,
        keys=_keys(store, now),
        logo=logo,
    )


def store_and_finish(
    session: Session, objects: ObjectStore, tenant: TenantInfo, job: Job, made: Sealed, now: datetime
) -> Certificate | None:
    """Store the file under its own digest, then mark the certificate READY; the one it was issued in place of ends here.

    :returns: the certificate; None when it was revoked or taken over meanwhile: the file is then of no use to anyone.
    """
    key = tenant_key(tenant.id, "certificates", made.sha256)
    objects.put(key, made.data, len(made.data), PDF)
    old = lifecycle.lock_predecessor(session, job.certificate_id)
    row = _mine(session, job)
    if row is None:
        return None
    row.state, row.ready_at, row.last_error = CertificateState.READY, now, None
    row.object_key, row.sha256, row.size, row.pages = key, made.sha256, len(made.data), made.pages
    row.generation = None
    session.flush()
    if old is not None:
        lifecycle.take_place(session, row, old, now)
    CERTIFICATES.labels(kind=row.kind, state=CertificateState.READY).inc()
    CERTIFICATE_SECONDS.labels(kind=row.kind).observe((now - job.requested_at).total_seconds())
    return row


def give_up(session: Session, certificate_id: uuid.UUID, job: Job | None, error: BaseException, *, final: bool) -> None:
    """Note why a try failed: PENDING again for the next one, FAILED when none follows or none can help.

    :param job: None when the certificate could not even be claimed.
    """
    row = _mine(session, job) if job else _unclaimed(session, certificate_id)
    if row is None:
        return
    row.state = CertificateState.FAILED if final else CertificateState.PENDING
    row.generation = None
    row.last_error = f"{type(error).__name__}: {error}"[:_ERROR_LENGTH]
    session.flush()
    CERTIFICATES.labels(kind=row.kind, state=row.state).inc()


def _unclaimed(session: Session, certificate_id: uuid.UUID) -> Certificate | None:
    open_states = (CertificateState.PENDING, CertificateState.GENERATING, CertificateState.FAILED)
    wanted = select(Certificate).where(Certificate.id == certificate_id, Certificate.state.in_(open_states))
    return session.scalar(wanted.with_for_update())


def _mine(session: Session, job: Job) -> Certificate | None:
    """The certificate, locked, if this try still owns it."""
    wanted = select(Certificate).where(
        Certificate.id == job.certificate_id,
        Certificate.state == CertificateState.GENERATING,
        Certificate.generation == job.generation,
    )
    return session.scalar(wanted.with_for_update().execution_options(populate_existing=True))


def _context(
    session: Session, row: Certificate, registry: CertifiableRegistry, tenant: TenantInfo, *, logo: bool
) -> dict[str, Any]:
    facts = registry.kinds[row.kind].facts(session, row.subject_id, row.locale, ZoneInfo(tenant.time_zone))
    if row.number is None or row.issued_on is None:
        raise RuntimeError("a claimed certificate has its number and its day")
    return context_of(
        tenant,
        facts,
        recipient=row.recipient,
        code=row.code,
        number=row.number,
        issued_on=row.issued_on,
        kind=row.kind,
        locale=row.locale,
        logo=logo,
    )


def _keys(store: KeyStore, now: datetime) -> Keys:
    qr, pdf = store.active((KeyPurpose.QR, KeyPurpose.PDF), now)
    return Keys(qr.kid, qr.private, pdf.public, pdf.private)


def _next_number(session: Session, tenant: TenantInfo, year: int) -> str:
    """``VAKIF-2026-000123``: counts per tenant and year; a number once given is never given again."""
    counted = insert(CertificateCounter).values(id=uuid7(), tenant_id=tenant.id, year=year, last=1)
    counted = counted.on_conflict_do_update(
        index_elements=["tenant_id", "year"], set_={"last": CertificateCounter.last + 1}
    )
    last = session.execute(counted.returning(CertificateCounter.last)).scalar_one()
    prefix = "".join(c for c in tenant.slug.upper() if c.isascii() and c.isalnum())[:_NUMBER_PREFIX]
    return f"{prefix}-{year}-{last:06d}"
