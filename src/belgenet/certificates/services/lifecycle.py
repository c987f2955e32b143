"""How a certificate ends and another takes its place.

Of a subject's certificates one is current. A READY one that is issued anew stays current, and valid, until its successor is READY;
should the successor fail, nothing has changed. Who touches both locks the current one first, and never its key: PostgreSQL checks
the successor's reference to it while a worker holds the successor.
"""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from belgenet.certificates import events
from belgenet.certificates.interfaces import CertificateState, RevocationReason
from belgenet.certificates.models import Certificate
from belgenet.certificates.services.codes import new_code
from belgenet.core.db import uuid7
from belgenet.core.observability.metrics import CERTIFICATES
from belgenet.core.outbox import publish

OWNER_RETRY = timedelta(minutes=5)
"""How long an owner waits before a failed certificate is tried again for them."""


class NotRevocableError(Exception):
    """The certificate was revoked before, or another took its place."""


def queue(session: Session, certificate_id: UUID, kind: str) -> None:
    """Ask a worker to make a PENDING certificate."""
    CERTIFICATES.labels(kind=kind, state=CertificateState.PENDING).inc()
    publish(session, events.REQUESTED, {"certificate_id": str(certificate_id)}, str(uuid7()))


def lock_current(session: Session, kind: str, subject_id: UUID) -> Certificate | None:
    """The subject's current certificate, locked; None when it has none.

    While one waits for the lock another may become current; its row is then found by looking again.
    """
    current = select(Certificate).where(
        Certificate.kind == kind, Certificate.subject_id == subject_id, Certificate.current
    )
    locked = current.with_for_update(key_share=True).execution_options(populate_existing=True)
    while (row := session.scalar(locked)) is None:
        if session.scalar(current.with_only_columns(Certificate.id)) is None:
            return None
    return row


def revoke(session: Session, row: Certificate, reason: RevocationReason, note: str | None, now: datetime) -> None:
    """Let a locked certificate stand no longer, in whatever state it is; a worker making it drops its work. What was to take its
    place ends with it.

    :raises NotRevocableError: it was revoked before.
    """
    if row.state == CertificateState.REVOKED:
        raise NotRevocableError(str(row.id))
    for successor in _successors(session, row):
        _end(session, successor, reason, note, now)
    _end(session, row, reason, note, now)


def reissue(session: Session, row: Certificate, note: str | None, recipient: str | None, now: datetime) -> Certificate:
    """Issue a locked, current certificate anew, with its own code and number. A READY one stands until the new one is READY; any
    other has nobody who holds it, so the new one takes its place at once. Issued anew again meanwhile, only the last counts.

    :raises NotRevocableError: another took its place already.
    """
    if not row.current:
        raise NotRevocableError(str(row.id))
    for successor in _successors(session, row):
        _end(session, successor, RevocationReason.REPLACED, note, now)
    fresh = _copy(row, note, recipient)
    if row.state == CertificateState.READY:
        fresh.replaces, fresh.current = row.id, False
        session.add(fresh)
        session.flush()
    else:
        _put_in_place(session, row, fresh, note, now)
    queue(session, fresh.id, fresh.kind)
    return fresh


def replace(session: Session, row: Certificate, now: datetime) -> UUID:
    """What a locked, current certificate says is true no longer: a READY one ends at once, and another is made from the facts as
    they are now. One that was not READY yet is simply made from them.
    """
    if row.state == CertificateState.READY:
        for successor in _successors(session, row):
            _end(session, successor, RevocationReason.REPLACED, None, now)
        fresh = _copy(row, None, None)
        _put_in_place(session, row, fresh, None, now)
        queue(session, fresh.id, fresh.kind)
        return fresh.id
    if row.state != CertificateState.PENDING:
        start_again(session, row)
    return row.id


def retry(session: Session, row: Certificate, now: datetime, *, patience: timedelta) -> timedelta:
    """Try a locked, failed certificate again, unless it failed less than ``patience`` ago; how long that still is."""
    if row.state != CertificateState.FAILED:
        return timedelta()
    left = row.updated_at + patience - now
    if left > timedelta():
        return left
    start_again(session, row)
    return timedelta()


def start_again(session: Session, row: Certificate) -> None:
    """Back to PENDING; a worker that is making it drops its work."""
    row.state, row.generation = CertificateState.PENDING, None
    session.flush()
    queue(session, row.id, row.kind)


def lock_predecessor(session: Session, certificate_id: UUID) -> Certificate | None:
    """The certificate in whose place this one shall come, locked; None when it comes in nobody's."""
    replaces = select(Certificate.replaces).where(Certificate.id == certificate_id).scalar_subquery()
    wanted = select(Certificate).where(Certificate.id == replaces).with_for_update(key_share=True)
    return session.scalar(wanted.execution_options(populate_existing=True))


def take_place(session: Session, fresh: Certificate, old: Certificate, now: datetime) -> None:
    """A certificate that has become READY takes the place of the locked one it was made for."""
    fresh.replaces = None
    session.flush()
    _put_in_place(session, old, fresh, fresh.issue_note, now)


def _put_in_place(session: Session, old: Certificate, fresh: Certificate, note: str | None, now: datetime) -> None:
    if old.state != CertificateState.REVOKED:
        _end(session, old, RevocationReason.REPLACED, note, now)
    old.current = False
    # The index of current certificates lets only one of the two be current at any moment.
    session.flush()
    fresh.current = True
    session.add(fresh)
    session.flush()
    old.replaced_by = fresh.id
    session.flush()


def _copy(row: Certificate, note: str | None, recipient: str | None) -> Certificate:
    return Certificate(
        kind=row.kind,
        subject_id=row.subject_id,
        order_id=row.order_id,
        owner_id=row.owner_id,
        recipient=recipient or row.recipient,
        email=row.email,
        phone=row.phone,
        locale=row.locale,
        code=new_code(),
        issue_note=note,
    )


def _successors(session: Session, row: Certificate) -> list[Certificate]:
    waiting = select(Certificate).where(Certificate.replaces == row.id).with_for_update(key_share=True)
    return list(session.scalars(waiting.execution_options(populate_existing=True)))


def _end(session: Session, row: Certificate, reason: RevocationReason, note: str | None, now: datetime) -> None:
    row.state, row.revoked_at, row.replaces = CertificateState.REVOKED, now, None
    row.revocation_reason, row.revocation_note = reason, note
    session.flush()
    CERTIFICATES.labels(kind=row.kind, state=CertificateState.REVOKED).inc()
    payload = {"certificate_id": str(row.id), "kind": row.kind, "subject_id": str(row.subject_id), "reason": reason}
    publish(session, events.REVOKED, payload, f"{row.id}:revoked")
