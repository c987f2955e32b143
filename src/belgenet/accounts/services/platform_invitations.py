"""Links by which administrators of the platform choose their password: made on the server's command line, good once."""

import secrets
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, exists, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from belgenet.accounts.models import Account, PlatformInvitation
from belgenet.accounts.services import attempts
from belgenet.accounts.services.administration import NewUser
from belgenet.accounts.services.hasher import Hasher
from belgenet.accounts.services.password_rules import check_password
from belgenet.accounts.services.people import registered
from belgenet.accounts.services.refresh_tokens import digest
from belgenet.accounts.services.sessions import end_everywhere
from belgenet.accounts.services.throttle import Throttle
from belgenet.core.db import utcnow
from belgenet.core.security import Role
from belgenet.core.web.errors import ErrorCode, Problem
from belgenet.settings.modules import App


@dataclass(frozen=True, slots=True)
class PlatformInvitations:
    """Works with a session of the platform's role; the application's sees nothing of this."""

    db: Session
    hasher: Hasher

    def somebody_can_sign_in(self) -> bool:
        """Whether the platform has an administrator with a password."""
        able = (Account.platform_roles != [], Account.password_hash.is_not(None), Account.disabled_at.is_(None))
        return bool(self.db.scalar(select(exists().where(*able))))

    def issue(self, wanted: NewUser, life: timedelta) -> str:
        """The secret of a new link; the one before it is void. The account is made, and becomes an administrator of the platform.

        What was said of an account whose e-mail nobody verified is forgotten: it may be a stranger's words and password.
        """
        account = registered(self.db, wanted.email)
        if account is None:
            account = Account(email=wanted.email, full_name=wanted.full_name, locale=wanted.locale)
            self.db.add(account)
        elif account.email_verified_at is None:
            account.full_name, account.locale, account.password_hash = wanted.full_name, wanted.locale, None
            attempts.forget(self.db, account.id)
        account.email_verified_at = account.email_verified_at or utcnow()
        account.platform_roles = [Role.SUPER_ADMIN.value]
        self.db.flush()
        secret = secrets.token_urlsafe(32)
        values = {"token_hash": digest(secret.encode()), "expires_at": utcnow() + life, "created_at": utcnow()}
        written = insert(PlatformInvitation).values(account_id=account.id, **values)
        self.db.execute(written.on_conflict_do_update(index_elements=["account_id"], set_=values))
        return secret

    def accept(self, secret: str, full_name: str, password: str) -> Account:
        """Set name and password by a link's secret; sessions of the account end, a lock is lifted.

        :raises Problem: ``token_invalid`` when it is unknown, used or too old; ``password_too_weak`` (the link stays good);
            ``account_disabled``.
        """
        good = (PlatformInvitation.token_hash == digest(secret.encode()), PlatformInvitation.expires_at > utcnow())
        account_id = self.db.scalar(delete(PlatformInvitation).where(*good).returning(PlatformInvitation.account_id))
        if account_id is None:
            raise Problem(ErrorCode.TOKEN_INVALID, 400)
        account = self.db.scalars(select(Account).where(Account.id == account_id).with_for_update()).one()
        if account.disabled_at is not None or not account.platform_roles:
            raise Problem(ErrorCode.ACCOUNT_DISABLED, 403)
        check_password(password, email=account.email, full_name=full_name)
        account.full_name, account.password_hash = full_name, self.hasher.hash(password)
        end_everywhere(account)
        Throttle.clear(self.db, account.email)
        self.db.flush()
        return account


def address(app: App, secret: str) -> str:
    """The link. What stands after ``#`` is sent to no server and stands in no log."""
    port = f":{app.public_port}" if app.public_port else ""
    return f"{app.public_scheme}://{app.base_domain}{port}/invitation#token={secret}"
