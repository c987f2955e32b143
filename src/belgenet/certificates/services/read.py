"""Finding certificates."""

import uuid
from collections.abc import Sequence

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from belgenet.certificates.models import Certificate
from belgenet.certificates.schemas import AdminCertificatesQuery
from belgenet.certificates.services.codes import plain_code
from belgenet.core.web.pagination import PageQuery, keyset


def of_owner(session: Session, owner_id: uuid.UUID, query: PageQuery) -> tuple[Sequence[Certificate], str | None]:
    """One page of an account's certificates, newest first."""
    return keyset(session, select(Certificate).where(Certificate.owner_id == owner_id), query, (Certificate.id,))


def search(session: Session, query: AdminCertificatesQuery) -> tuple[Sequence[Certificate], str | None]:
    """One page of the tenant's certificates, newest first."""
    wanted = select(Certificate)
    if query.status:
        wanted = wanted.where(Certificate.state == query.status)
    if query.q:
        columns = (Certificate.number, Certificate.recipient, Certificate.email)
        matches = [column.icontains(query.q, autoescape=True) for column in columns]
        wanted = wanted.where(or_(Certificate.code == plain_code(query.q), *matches))
    return keyset(session, wanted, query, (Certificate.id,))


def locked(session: Session, certificate_id: uuid.UUID) -> Certificate:
    """The certificate, locked and read anew."""
    found = select(Certificate).where(Certificate.id == certificate_id).with_for_update()
    return session.scalars(found.execution_options(populate_existing=True)).one()
