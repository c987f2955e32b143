import hmac
import secrets
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, select, update
from sqlalchemy.orm import Session as DbSession

from belgenet.accounts.models import Account, PlatformSession, RefreshSession
from belgenet.accounts.services.refresh_tokens import RefreshToken, digest
from belgenet.core.db import utcnow, uuid7
from belgenet.settings.modules import Security

AnySession = RefreshSession | PlatformSession

GRACE: Final = timedelta(seconds=10)
"""How long a replaced token still gets its successor, and a fresh one is not replaced again: two tabs may race."""


class Refusal(StrEnum):
    """Why a refresh token is not good. ``REUSED`` has just ended the session."""

    UNKNOWN = "unknown"
    REUSED = "reused"


@dataclass(frozen=True, slots=True)
class Opened:
    """A living session and the token that continues it."""

    row: AnySession
    token: RefreshToken


@dataclass(frozen=True, slots=True)
class Device:
    """Where a session was opened."""

    client: str
    name: str
    address: str | None


class Sessions:
    """Sessions of one door: a tenant's, or (``tenant_id`` None) the platform's."""

    def __init__(self, db: DbSession, tenant_id: UUID | None, settings: Security) -> None:
        self._db = db
        self._model: type[Any] = RefreshSession if tenant_id else PlatformSession
        self._life = timedelta(days=settings.refresh_token_days)

    def open(self, account_id: UUID, device: Device) -> Opened:
        """Begin a session."""
        token = RefreshToken.first(uuid7())
        now = utcnow()
        row = self._model(
            id=token.session_id,
            account_id=account_id,
            client=device.client,
            family_hash=digest(token.family),
            token_hash=digest(token.leaf),
            device=device.name,
            address=device.address,
            created_at=now,
            authenticated_at=now,
            rotated_at=now,
            expires_at=now + self._life,
        )
        self._db.add(row)
        self._db.flush()
        return Opened(row, token)

    def refresh(self, token: RefreshToken, device: Device) -> Opened | Refusal:
        """Rotate. ``REUSED`` means a token came back after its successor was used: the session is revoked, which the caller
        must commit although the answer is a refusal.
        """
        row = self._db.scalar(self._alive(token.session_id).with_for_update(of=self._model))
        if row is None or row.client != device.client or not _same(row.family_hash, token.family):
            return Refusal.UNKNOWN
        now = utcnow()
        recent = now - row.rotated_at < GRACE
        if _same(row.token_hash, token.leaf):
            return Opened(row, token if recent and row.salt is not None else self._rotate(row, token, device))
        if recent and row.salt is not None and row.previous_hash and _same(row.previous_hash, token.leaf):
            return Opened(row, token.next(row.salt))
        self._revoke(self._model.id == row.id, "reused")
        return Refusal.REUSED

    def _rotate(self, row: AnySession, token: RefreshToken, device: Device) -> RefreshToken:
        salt = secrets.token_bytes(32)
        successor = token.next(salt)
        now = utcnow()
        row.previous_hash, row.token_hash, row.salt = row.token_hash, digest(successor.leaf), salt
        row.rotated_at, row.expires_at = now, now + self._life
        row.device, row.address = device.name, device.address
        self._db.flush()
        return successor

    def living(self, session_id: UUID) -> AnySession | None:
        """The session unless it has ended."""
        found: AnySession | None = self._db.scalar(self._alive(session_id))
        return found

    def of(self, account_id: UUID) -> list[AnySession]:
        """The account's living sessions at this door, the last used first."""
        mine = self._living().where(self._model.account_id == account_id)
        return list(self._db.scalars(mine.order_by(self._model.rotated_at.desc()).limit(200)))

    def end(self, session_id: UUID, reason: str = "signed out") -> None:
        """Revoke one session."""
        self._revoke(self._model.id == session_id, reason)

    def end_all_here(self, account_id: UUID, reason: str) -> None:
        """Revoke the account's sessions at this door."""
        self._revoke(self._model.account_id == account_id, reason)

    def renew_proof(self, session_id: UUID) -> None:
        """Let the session live on past :func:`end_everywhere`: its holder has just proved who they are."""
        changed = update(self._model).where(self._model.id == session_id).values(authenticated_at=utcnow())
        self._db.execute(changed.execution_options(synchronize_session=False))

    def _revoke(self, which: Any, reason: str) -> None:
        ended = update(self._model).where(which, self._model.revoked_at.is_(None))
        ended = ended.values(revoked_at=utcnow(), revoked_for=reason)
        self._db.execute(ended.execution_options(synchronize_session=False))

    def _living(self) -> Select[Any]:
        return living(self._model)

    def _alive(self, session_id: UUID) -> Select[Any]:
        return self._living().where(self._model.id == session_id)


def living(model: type[Any]) -> Select[Any]:
    """Sessions that have not ended: by sign-out, age, or something that ended all of the account's."""
    return (
        select(model)
        .join(Account, Account.id == model.account_id)
        .where(
            model.revoked_at.is_(None),
            model.expires_at > utcnow(),
            model.authenticated_at >= Account.sessions_since,
            Account.disabled_at.is_(None),
        )
    )


def end_everywhere(account: Account) -> None:
    """End all sessions of the account, in all tenants. The row must be locked: a sign-in that is under way has either committed,
    and its session is older than this moment, or will read the account as it is afterwards.
    """
    account.sessions_since = utcnow()


def sign_out_everywhere(db: DbSession, account_id: UUID) -> None:
    """:func:`end_everywhere` for an account known by id."""
    end_everywhere(db.scalars(select(Account).where(Account.id == account_id).with_for_update()).one())
    db.flush()


def _same(kept: bytes, secret: bytes) -> bool:
    return hmac.compare_digest(kept, digest(secret))
