"""Asking for certificates, revoking them, issuing them anew."""

import secrets
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from belgenet.certificates import events
from belgenet.certificates.interfaces import (
    CertificateState,
    CertificateSummary,
    IssueRequest,
    RevocationReason,
)
from belgenet.certificates.models import Certificate
from belgenet.core.db import Reading, execute_dml, fetch, one_of, utcnow, uuid7
from belgenet.core.observability.metrics import CERTIFICATES
from belgenet.core.outbox import publish

CODE_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O, U, so a code survives being read aloud."""
CODE_LENGTH = 16
"""80 bits: guessing one of a million certificates takes more than 10^18 tries."""
_SUMMARY = (Certificate.id, Certificate.subject_id, Certificate.order_id, Certificate.state, Certificate.code)
_OF_ORDERS = Reading(
    select(*_SUMMARY).where(one_of(Certificate.order_id), Certificate.current).order_by(Certificate.id)
)
_LOOKALIKES = str.maketrans("ILO", "110")


class NotRevocableError(Exception):
    """The certificate was revoked before, or another took its place."""


def new_code() -> str:
    """A verification code nobody can guess."""
    return "".join(secrets.choice(CODE_ALPHABET) for _ in range(CODE_LENGTH))


def plain_code(text: str) -> str:
    """A code as stored, from the way people type it: hyphens, blanks, lower case, look-alikes."""
    return text.replace("-", "").replace(" ", "").upper().translate(_LOOKALIKES)


def grouped_code(code: str) -> str:
    """A code as printed: ``K7QM-2X4T-B9WR-3HNC``."""
    return "-".join(code[start : start + 4] for start in range(0, len(code), 4))


class DatabaseCertificateIssuer:
    """CertificateIssuer over the certificates table; has no state of its own."""

    def request_issue(self, session: Session, wanted: IssueRequest) -> UUID:
        """See CertificateIssuer. Two callers at once get one certificate: the index of current subjects decides."""
        values = {
            "id": uuid7(),
            "tenant_id": session.info["tenant_id"],
            "kind": wanted.kind,
            "subject_id": wanted.subject_id,
            "order_id": wanted.order_id,
            "owner_id": wanted.owner_id,
            "recipient": wanted.recipient,
            "email": wanted.email,
            "locale": wanted.locale,
            "code": new_code(),
        }
        added = (
            insert(Certificate)
            .values(**values)
            .on_conflict_do_nothing(index_elements=["tenant_id", "kind", "subject_id"], index_where=text("current"))
            .returning(Certificate.id)
        )
        session.flush()
        found = execute_dml(session, added).scalar()
        if found is None:
            return session.execute(
                _current(wanted.kind, wanted.subject_id).with_only_columns(Certificate.id)
            ).scalar_one()
        _queue(session, found, wanted.kind)
        return UUID(str(found))

    def revoke(self, session: Session, kind: str, subject_id: UUID, reason: RevocationReason) -> bool:
        """See CertificateIssuer."""
        row = session.scalar(_current(kind, subject_id).with_for_update())
        if row is None or row.state == CertificateState.REVOKED:
            return False
        revoke(session, row, reason, None, utcnow())
        return True

    def of_orders(self, session: Session, order_ids: Sequence[UUID]) -> Mapping[UUID, list[CertificateSummary]]:
        """See CertificateIssuer."""
        found: dict[UUID, list[CertificateSummary]] = defaultdict(list)
        if order_ids:
            for row in fetch(session, _OF_ORDERS, ids=list(order_ids))[0]:
                found[row.order_id].append(_summary(row))
        return found

    def of_subjects(
        self, session: Session, kind: str, subject_ids: Sequence[UUID]
    ) -> Mapping[UUID, CertificateSummary]:
        """See CertificateIssuer."""
        if not subject_ids:
            return {}
        wanted = select(*_SUMMARY).where(
            Certificate.kind == kind, Certificate.subject_id.in_(subject_ids), Certificate.current
        )
        return {row.subject_id: _summary(row) for row in session.execute(wanted)}


def revoke(session: Session, row: Certificate, reason: RevocationReason, note: str | None, now: datetime) -> None:
    """Let a locked certificate stand no longer, in whatever state it is; a worker making it drops its work.

    :raises NotRevocableError: it was revoked before.
    """
    if row.state == CertificateState.REVOKED:
        raise NotRevocableError(str(row.id))
    row.state, row.revoked_at = CertificateState.REVOKED, now
    row.revocation_reason, row.revocation_note = reason, note
    session.flush()
    CERTIFICATES.labels(kind=row.kind, state=CertificateState.REVOKED).inc()
    payload = {"certificate_id": str(row.id), "kind": row.kind, "subject_id": str(row.subject_id), "reason": reason}
    publish(session, events.REVOKED, payload, f"{row.id}:revoked")


def reissue(session: Session, row: Certificate, note: str | None, recipient: str | None, now: datetime) -> Certificate:
    """Replace a locked, current certificate by a new one with its own code and number; the old one stands no longer.

    A certificate revoked before may be issued anew; its reason stays as it was.

    :raises NotRevocableError: another took its place already.
    """
    if not row.current:
        raise NotRevocableError(str(row.id))
    if row.state != CertificateState.REVOKED:
        revoke(session, row, RevocationReason.REPLACED, note, now)
    row.current = False
    session.flush()
    fresh = Certificate(
        kind=row.kind,
        subject_id=row.subject_id,
        order_id=row.order_id,
        owner_id=row.owner_id,
        recipient=recipient or row.recipient,
        email=row.email,
        locale=row.locale,
        code=new_code(),
    )
    session.add(fresh)
    session.flush()
    row.replaced_by = fresh.id
    _queue(session, fresh.id, fresh.kind)
    return fresh


def move_to_account(session: Session, *, from_account: UUID, to_account: UUID) -> None:
    """Hand a guest's certificates to the account they registered later (an ``AccountMerger``)."""
    moved = update(Certificate).where(Certificate.owner_id == from_account).values(owner_id=to_account)
    execute_dml(session, moved.execution_options(synchronize_session=False))


def _queue(session: Session, certificate_id: UUID, kind: str) -> None:
    CERTIFICATES.labels(kind=kind, state=CertificateState.PENDING).inc()
    publish(session, events.REQUESTED, {"certificate_id": str(certificate_id)}, str(certificate_id))


def _current(kind: str, subject_id: UUID) -> Select[Certificate]:
    return select(Certificate).where(
        Certificate.kind == kind, Certificate.subject_id == subject_id, Certificate.current
    )


def _summary(row: Any) -> CertificateSummary:
    return CertificateSummary(row.id, row.subject_id, row.order_id, CertificateState(row.state), row.code)
