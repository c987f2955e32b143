"""Changing a password: by the old one, or by a mailed link."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from belgenet.accounts import events
from belgenet.accounts.models import Account
from belgenet.accounts.services import one_time
from belgenet.accounts.services.hasher import Hasher
from belgenet.accounts.services.password_rules import check_password
from belgenet.accounts.services.registration import settle
from belgenet.accounts.services.sessions import end_everywhere
from belgenet.accounts.services.throttle import Throttle
from belgenet.core.db import uuid7
from belgenet.core.outbox import publish
from belgenet.core.web.errors import ErrorCode, FieldProblem, Problem


@dataclass(frozen=True, slots=True)
class Passwords:
    """Password changes; each ends every session of the account but, for :meth:`change`, the one it was made in."""

    db: Session
    hasher: Hasher
    throttle: Throttle

    def forgot(self, email: str, locale: str) -> None:
        """Ask for a link. The request does the same whether or not the e-mail is known; a consumer finds out later."""
        known = self.db.scalar(select(Account.id).where(Account.email == email, Account.is_guest.is_(False)))
        payload = {"account_id": str(known) if known else None, "locale": locale}
        publish(self.db, events.RESET_REQUESTED, payload, str(uuid7()))

    def reset(self, secret: str, password: str) -> Account:
        """Set a password by a mailed secret, which also proves the e-mail and lifts a lock. What a registration that nobody
        confirmed said of the person is forgotten: it may be a stranger's words.

        :raises Problem: ``token_invalid`` (for administrators of the platform always: theirs is set on the command line),
            ``password_too_weak`` (the secret stays good), ``account_disabled``.
        """
        account = self._locked(one_time.redeem(self.db, secret, one_time.Purpose.RESET_PASSWORD))
        if account.platform_roles:
            raise Problem(ErrorCode.TOKEN_INVALID, 400)
        if account.disabled_at is not None:
            raise Problem(ErrorCode.ACCOUNT_DISABLED, 403)
        if account.email_verified_at is None:
            account.full_name, account.phone = account.email.partition("@")[0], None
        check_password(password, email=account.email, full_name=account.full_name)
        settle(self.db, account)
        self.replace(account, password)
        return account

    def change(self, account_id: UUID, current: str, new: str, address: str | None) -> Account:
        """Set a password by the old one. The caller keeps its session alive with ``Sessions.renew_proof``.

        :raises Problem: ``account_locked`` (429), ``invalid_input`` at ``current_password``, ``password_too_weak``,
            ``forbidden`` for guests.
        """
        account = self._locked(account_id)
        if account.is_guest:
            raise Problem(ErrorCode.FORBIDDEN, 403)
        self.throttle.admit(account.email, address)
        if not self.hasher.verify(account.password_hash, current):
            wrong = FieldProblem("current_password", "wrong_password")
            raise Problem(ErrorCode.INVALID_INPUT, 400, fields=[wrong])
        check_password(new, email=account.email, full_name=account.full_name, field="new_password")
        self.replace(account, new)
        return account

    def replace(self, account: Account, password: str) -> None:
        """Put the new password in place of the old, whoever decided so."""
        account.password_hash = self.hasher.hash(password)
        end_everywhere(account)
        self.throttle.clear(self.db, account.email)
        self.db.flush()

    def _locked(self, account_id: UUID) -> Account:
        return self.db.scalars(select(Account).where(Account.id == account_id).with_for_update()).one()


def is_of_platform(db: Session, account_id: UUID) -> bool:
    """Whether the account's password can only be written by the platform role."""
    roles = db.scalar(select(Account.platform_roles).where(Account.id == account_id))
    return bool(roles)


def tell_owner(db: Session, account: Account) -> None:
    """Mail the owner that the password was changed: if it was not them, they hear of it."""
    publish(db, events.PASSWORD_CHANGED, {"account_id": str(account.id)}, str(uuid7()))
