import secrets
from datetime import timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import delete, exists, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from belgenet.accounts.models import OneTimeToken
from belgenet.accounts.services.refresh_tokens import digest
from belgenet.core.db import utcnow, uuid7
from belgenet.core.web.errors import ErrorCode, Problem


class Purpose(StrEnum):
    """What a mailed link is for."""

    RESET_PASSWORD = "reset_password"  # noqa: S105


def issue(db: Session, account_id: UUID, purpose: Purpose, life: timedelta) -> str:
    """A new secret for a link; the one before it for the same purpose is void."""
    secret = secrets.token_urlsafe(32)
    now = utcnow()
    values = {"token_hash": digest(secret.encode()), "expires_at": now + life, "created_at": now}
    written = insert(OneTimeToken).values(id=uuid7(), account_id=account_id, purpose=purpose, **values)
    db.execute(written.on_conflict_do_update(index_elements=["account_id", "purpose"], set_=values))
    return secret


def is_out(db: Session, account_id: UUID, purpose: Purpose) -> bool:
    """Whether a link that was mailed for this is still good."""
    living = (
        OneTimeToken.account_id == account_id,
        OneTimeToken.purpose == purpose,
        OneTimeToken.expires_at > utcnow(),
    )
    return bool(db.scalar(select(exists().where(*living))))


def redeem(db: Session, secret: str, purpose: Purpose) -> UUID:
    """The account a secret was mailed to. Deleting is what makes it good once: of two at the same moment one finds nothing. A
    rollback of the transaction gives it back.

    :raises Problem: ``token_invalid``; whether unknown, used or too old is nobody's business.
    """
    good = (
        OneTimeToken.token_hash == digest(secret.encode()),
        OneTimeToken.purpose == purpose,
        OneTimeToken.expires_at > utcnow(),
    )
    account_id: UUID | None = db.execute(delete(OneTimeToken).where(*good).returning(OneTimeToken.account_id)).scalar()
    if account_id is None:
        raise Problem(ErrorCode.TOKEN_INVALID, 400)
    return account_id


def purge(db: Session) -> None:
    """Drop what nobody used in time."""
    db.execute(delete(OneTimeToken).where(OneTimeToken.expires_at < utcnow()))
