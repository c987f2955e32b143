"""Publishing vekâlet texts, and recording consents to them."""

import hashlib
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from belgenet.core.i18n import LOCALES
from belgenet.core.web.errors import ErrorCode, Problem
from belgenet.core.web.pagination import keyset
from belgenet.kurban.consents.models import Consent, ConsentText
from belgenet.kurban.consents.schemas import ConsentTextIn, ConsentTextQuery

USER_AGENT_LENGTH = 400


@dataclass(frozen=True, slots=True)
class Giver:
    """Who accepts, through what and from where."""

    account_id: uuid.UUID
    address: str | None
    user_agent: str | None
    method: str = "web"


@dataclass(frozen=True, slots=True)
class OnBehalfOf:
    """One share's shareholder."""

    participant_id: uuid.UUID
    full_name: str
    intention: str
    relation: str | None


def digest(body: str) -> str:
    """Hex SHA-256 of the text's UTF-8 bytes."""
    return hashlib.sha256(body.encode()).hexdigest()


def publish(session: Session, text_in: ConsentTextIn, author_id: uuid.UUID | None) -> ConsentText:
    """Make the next version of a language's text; from now on donors must accept this one."""
    lock = "SELECT pg_advisory_xact_lock(hashtextextended('consent_texts:' || :tenant || :locale, 0))"
    session.execute(text(lock), {"tenant": str(session.info["tenant_id"]), "locale": text_in.locale})
    newest = select(func.coalesce(func.max(ConsentText.version), 0)).where(ConsentText.locale == text_in.locale)
    row = ConsentText(
        locale=text_in.locale,
        version=session.scalars(newest).one() + 1,
        title=text_in.title,
        body=text_in.body,
        sha256=digest(text_in.body),
        published_by=author_id,
    )
    session.add(row)
    session.flush()
    return row


def current_texts(session: Session) -> dict[str, ConsentText]:
    """The newest version of each language."""
    by_version = select(ConsentText).order_by(ConsentText.locale, ConsentText.version.desc())
    return {row.locale: row for row in session.scalars(by_version.ext(distinct_on(ConsentText.locale)))}


def current_text(session: Session, locale: str, fallback: str) -> ConsentText | None:
    """The text a reader of ``locale`` accepts: in that language, else in ``fallback``, else in any there is."""
    texts = current_texts(session)
    return next((texts[name] for name in (locale, fallback, *LOCALES) if name in texts), None)


def require_current(session: Session, text_id: uuid.UUID, sha256: str) -> ConsentText:
    """The text a donor says to have read.

    :raises Problem: ``consent_outdated`` when it is unknown, has other words, or a newer version is out.
    """
    for row in current_texts(session).values():
        if row.id == text_id and row.sha256 == sha256:
            return row
    raise Problem(ErrorCode.CONSENT_OUTDATED, 409)


def record(
    session: Session, order_id: uuid.UUID, text_row: ConsentText, giver: Giver, shareholders: Iterable[OnBehalfOf]
) -> list[Consent]:
    """Write one consent for each share."""
    agent = giver.user_agent[:USER_AGENT_LENGTH] if giver.user_agent else None
    rows = [
        Consent(
            participant_id=who.participant_id,
            order_id=order_id,
            text_id=text_row.id,
            text_version=text_row.version,
            sha256=text_row.sha256,
            locale=text_row.locale,
            giver_account_id=giver.account_id,
            shareholder_name=who.full_name,
            intention=who.intention,
            relation=who.relation,
            method=giver.method,
            address=giver.address,
            user_agent=agent,
        )
        for who in shareholders
    ]
    session.add_all(rows)
    session.flush()
    return rows


def of_order(session: Session, order_id: uuid.UUID) -> Sequence[Consent]:
    """All consents given with an order, in the order they were written."""
    return session.scalars(select(Consent).where(Consent.order_id == order_id).order_by(Consent.id)).all()


def consent_counts(session: Session, text_ids: Iterable[uuid.UUID]) -> Mapping[uuid.UUID, int]:
    """How many consents refer to each version."""
    counted = select(Consent.text_id, func.count()).where(Consent.text_id.in_(list(text_ids))).group_by(Consent.text_id)
    return dict(session.execute(counted).all())


def list_texts(session: Session, query: ConsentTextQuery) -> tuple[Sequence[ConsentText], str | None]:
    """Versions, newest first."""
    statement = select(ConsentText)
    if query.locale:
        statement = statement.where(ConsentText.locale == query.locale)
    return keyset(session, statement, query, (ConsentText.created_at, ConsentText.id))
