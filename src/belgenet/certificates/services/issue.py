"""Asking for certificates, and seeing how they stand."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from belgenet.certificates.interfaces import (
    CertificateState,
    CertificateSummary,
    IssueRequest,
    RevocationReason,
)
from belgenet.certificates.models import Certificate
from belgenet.certificates.services import lifecycle
from belgenet.certificates.services.codes import new_code
from belgenet.core.db import Reading, fetch, one_of, utcnow, uuid7

_SUMMARY = (Certificate.id, Certificate.subject_id, Certificate.order_id, Certificate.state, Certificate.code)
_OF_ORDERS = Reading(
    select(*_SUMMARY).where(one_of(Certificate.order_id), Certificate.current).order_by(Certificate.id)
)


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
            "phone": wanted.phone,
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
        found = session.execute(added).scalar()
        if found is None:
            return session.execute(
                _current(wanted.kind, wanted.subject_id).with_only_columns(Certificate.id)
            ).scalar_one()
        lifecycle.queue(session, found, wanted.kind)
        return UUID(str(found))

    def revoke(self, session: Session, kind: str, subject_id: UUID, reason: RevocationReason) -> bool:
        """See CertificateIssuer."""
        row = lifecycle.lock_current(session, kind, subject_id)
        if row is None or row.state == CertificateState.REVOKED:
            return False
        lifecycle.revoke(session, row, reason, None, utcnow())
        return True

    def replace(self, session: Session, kind: str, subject_id: UUID) -> UUID | None:
        """See CertificateIssuer."""
        row = lifecycle.lock_current(session, kind, subject_id)
        if row is None or row.state == CertificateState.REVOKED:
            return None
        return lifecycle.replace(session, row, utcnow())

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


def move_to_account(session: Session, *, from_account: UUID, to_account: UUID) -> None:
    """Hand a guest's certificates to the account they registered later (an ``AccountMerger``)."""
    moved = update(Certificate).where(Certificate.owner_id == from_account).values(owner_id=to_account)
    session.execute(moved.execution_options(synchronize_session=False))


def _current(kind: str, subject_id: UUID) -> Select[Certificate]:
    return select(Certificate).where(
        Certificate.kind == kind, Certificate.subject_id == subject_id, Certificate.current
    )


def _summary(row: Any) -> CertificateSummary:
    return CertificateSummary(row.id, row.subject_id, row.order_id, CertificateState(row.state), row.code)
