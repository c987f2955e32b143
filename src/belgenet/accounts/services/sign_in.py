from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.orm import Session

from belgenet.accounts import events
from belgenet.accounts.models import Account
from belgenet.accounts.services.hasher import Hasher
from belgenet.accounts.services.merging import Merging
from belgenet.accounts.services.people import People, Person, registered
from belgenet.accounts.services.throttle import Throttle
from belgenet.core.db import utcnow
from belgenet.core.outbox import publish
from belgenet.core.traversal import TenantInfo
from belgenet.core.web.errors import ErrorCode, Problem

_RESEND_EVERY_SECONDS = 600


@dataclass(frozen=True, slots=True)
class SignIn:
    """E-mail and password at one door."""

    db: Session
    tenant: TenantInfo | None
    hasher: Hasher
    throttle: Throttle
    merging: Merging

    def with_password(self, email: str, password: str, address: str | None) -> Person:
        """Who this is. Same work and time whether the e-mail is unknown or the password wrong. An e-mail that nobody verified is
        as unknown: whoever registers an address and then signs in would learn from another answer that it had no account.

        :raises Problem: ``account_locked`` (429), ``invalid_credentials`` (401) and, only to who knows the password,
            ``account_disabled``, ``registration_closed`` (403). With ``invalid_credentials`` another link may have been queued
            in this transaction, which the caller must commit although the answer is a refusal.
        """
        self.throttle.admit(email, address)
        account = registered(self.db, email, share_lock=True)
        if not self.hasher.verify(account.password_hash if account else None, password) or account is None:
            raise Problem(ErrorCode.INVALID_CREDENTIALS, 401)
        if account.email_verified_at is None:
            self._mail_link_again(account.id, account.locale)
            raise Problem(ErrorCode.INVALID_CREDENTIALS, 401)
        person = People(self.db, self.tenant).enter(account)
        self.throttle.clear(self.db, email)
        self._renew_hash(account, password)
        if self.tenant is not None:
            self.merging.run(self.db, account)
        return person

    def _renew_hash(self, account: Account, password: str) -> None:
        """Costs are raised over the years; this is the only moment the password is at hand. Only replaces the hash just
        checked, so of two sign-ins at once neither undoes a change. An administrator of the platform gets the new costs with
        their next password: their hash is not the application's to write.
        """
        old = account.password_hash
        if old is not None and not account.platform_roles and self.hasher.outdated(old):
            mine = (Account.id == account.id, Account.password_hash == old)
            self.db.execute(update(Account).where(*mine).values(password_hash=self.hasher.hash(password)))

    def _mail_link_again(self, account_id: UUID, locale: str) -> None:
        if self.tenant is not None:
            slot = int(utcnow().timestamp()) // _RESEND_EVERY_SECONDS
            payload = {"account_id": str(account_id), "locale": locale}
            publish(self.db, events.REGISTERED, payload, f"again:{account_id}:{slot}")
