"""Attempts to register. Each keeps what its author said and chose; the link mailed for one opens no other.

Anybody may register an address that is not theirs. A link therefore proves the mailbox only; the password of the attempt has
to come with it, and the reader of the mailbox does not know a stranger's.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from belgenet.accounts.models import Account, RegistrationAttempt
from belgenet.accounts.services.hasher import Hasher
from belgenet.accounts.services.refresh_tokens import digest
from belgenet.core.db import utcnow
from belgenet.core.web.errors import ErrorCode, FieldProblem, Problem


@dataclass(frozen=True, slots=True)
class Applicant:
    """What somebody says about themselves; nothing of it is proved."""

    email: str
    full_name: str
    phone: str | None
    locale: str


def begin(db: Session, account_id: UUID, applicant: Applicant, password_hash: str) -> UUID:
    """Note an attempt; the mail that follows carries its secret."""
    attempt = RegistrationAttempt(
        account_id=account_id,
        full_name=applicant.full_name,
        phone=applicant.phone,
        locale=applicant.locale,
        password_hash=password_hash,
    )
    db.add(attempt)
    db.flush()
    return attempt.id


def find(db: Session, account_id: UUID, attempt_id: UUID | None) -> RegistrationAttempt | None:
    """That attempt of the account or, without an id, its newest."""
    wanted = select(RegistrationAttempt).where(RegistrationAttempt.account_id == account_id)
    if attempt_id is not None:
        wanted = wanted.where(RegistrationAttempt.id == attempt_id)
    return db.scalar(wanted.order_by(RegistrationAttempt.id.desc()).limit(1))


def issue(attempt: RegistrationAttempt, life: timedelta) -> str:
    """A new secret for the attempt's link; the one before it is void."""
    secret = secrets.token_urlsafe(32)
    attempt.token_hash, attempt.expires_at = digest(secret.encode()), utcnow() + life
    return secret


def redeem(db: Session, secret: str, password: str, hasher: Hasher) -> Account:
    """Make the account what this attempt said. The account is locked before the attempt, as everywhere, so that of two at the
    same moment one finds nothing.

    :raises Problem: ``token_invalid`` (unknown, used or too old); ``invalid_input`` at ``password`` when the attempt was made
        with another one: the secret stays good, the account is as it was.
    """
    good = (RegistrationAttempt.token_hash == digest(secret.encode()), RegistrationAttempt.expires_at > utcnow())
    account_id = db.scalar(select(RegistrationAttempt.account_id).where(*good))
    account = db.scalar(select(Account).where(Account.id == account_id).with_for_update())
    attempt = db.scalar(select(RegistrationAttempt).where(*good).with_for_update())
    if account is None or attempt is None or account.email_verified_at is not None:
        raise Problem(ErrorCode.TOKEN_INVALID, 400)
    if not hasher.verify(attempt.password_hash, password):
        raise Problem(ErrorCode.INVALID_INPUT, 400, fields=[FieldProblem("password", "not_the_registered_password")])
    account.full_name, account.phone, account.locale = attempt.full_name, attempt.phone, attempt.locale
    account.password_hash = attempt.password_hash
    return account


def forget(db: Session, account_id: UUID) -> None:
    """Void every attempt: the account has an owner."""
    db.execute(delete(RegistrationAttempt).where(RegistrationAttempt.account_id == account_id))


def purge(db: Session, before: datetime) -> None:
    """Drop what nobody confirmed in time."""
    db.execute(delete(RegistrationAttempt).where(RegistrationAttempt.created_at < before))
