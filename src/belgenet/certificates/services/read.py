"""Finding certificates."""

import uuid
from collections.abc import Sequence

from sqlalchemy import ColumnElement, exists, false, literal, select
from sqlalchemy.orm import Session

from belgenet.certificates.models import Certificate, CertificateWord
from belgenet.certificates.schemas import AdminCertificatesQuery
from belgenet.certificates.services.codes import CODE_LENGTH, plain_code
from belgenet.core.db.folding import fold, words_of
from belgenet.core.web.pagination import PageQuery, keyset

_LAST_LETTER = "\U0010ffff"


def of_owner(session: Session, owner_id: uuid.UUID, query: PageQuery) -> tuple[Sequence[Certificate], str | None]:
    """One page of an account's certificates, newest first."""
    return keyset(session, select(Certificate).where(Certificate.owner_id == owner_id), query, (Certificate.id,))


def search(session: Session, query: AdminCertificatesQuery) -> tuple[Sequence[Certificate], str | None]:
    """One page of the tenant's certificates, newest first."""
    wanted = select(Certificate)
    if query.status:
        wanted = wanted.where(Certificate.state == query.status)
    if query.q:
        wanted = wanted.where(*_matches(session, query.q))
    return keyset(session, wanted, query, (Certificate.id,))


def _matches(session: Session, text: str) -> list[ColumnElement[bool]]:
    """Conditions of a search: the certificate has this code or, if none has, words that begin with each word typed."""
    code = plain_code(text)
    if len(code) == CODE_LENGTH and session.scalar(select(Certificate.id).where(Certificate.code == code)):
        return [Certificate.code == code]
    return [_has_word(word) for word in words_of(text)] or [false()]


def _has_word(word: str) -> ColumnElement[bool]:
    """Between the word and the last text that begins with it, in code point order: what an index can do."""
    first = fold(literal(word))
    last = first + _LAST_LETTER
    found = (
        CertificateWord.tenant_id == Certificate.tenant_id,
        CertificateWord.certificate_id == Certificate.id,
        CertificateWord.word.between(first, last),
    )
    return exists().where(*found)


def locked(session: Session, certificate_id: uuid.UUID) -> Certificate:
    """The certificate, locked and read anew."""
    found = select(Certificate).where(Certificate.id == certificate_id).with_for_update(key_share=True)
    return session.scalars(found.execution_options(populate_existing=True)).one()
