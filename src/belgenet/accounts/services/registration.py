"""Becoming known: registering, verifying the e-mail, going on as a guest."""

from typing import Any
from uuid import UUID

from sqlalchemy import and_, case, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from belgenet.accounts import events
from belgenet.accounts.models import Account
from belgenet.accounts.services import attempts
from belgenet.accounts.services.attempts import Applicant
from belgenet.accounts.services.hasher import Hasher
from belgenet.accounts.services.merging import Merging
from belgenet.accounts.services.password_rules import check_password
from belgenet.accounts.services.people import People, Person, check_open
from belgenet.core.db import utcnow, uuid7
from belgenet.core.outbox import publish
from belgenet.core.security import Role
from belgenet.core.traversal import TenantInfo


class Registration:
    """Accounts in the making, at one tenant."""

    def __init__(self, db: Session, tenant: TenantInfo) -> None:
        self._db = db
        self._tenant = tenant

    def register(self, applicant: Applicant, password: str, hasher: Hasher) -> None:
        """Ask for an account. What follows comes by mail, and the same statements run whether or not the e-mail is known.

        Registrations do not touch one another: each is an attempt with a link of its own, and only the attempt whose link
        *and* password come back makes the account.

        :raises Problem: ``registration_closed``, ``password_too_weak``.
        """
        check_open(self._tenant)
        check_password(password, email=applicant.email, full_name=applicant.full_name)
        password_hash = hasher.hash(password)
        account_id = self._upsert(applicant, password_hash)
        attempt_id = attempts.begin(self._db, account_id, applicant, password_hash)
        payload = {
            "account_id": str(account_id),
            "attempt_id": str(attempt_id),
            "locale": applicant.locale,
            "asked": True,
        }
        publish(self._db, events.REGISTERED, payload, str(uuid7()))

    def _upsert(self, applicant: Applicant, password_hash: str) -> UUID:
        """The account of the e-mail. What it shows before its e-mail is verified is the newest attempt's, and opens nothing: it
        lets that attempt's author ask for the link again by signing in.
        """
        written = insert(Account).values(**_columns(applicant), is_guest=False, password_hash=password_hash)
        # An account without a password was made by somebody who may do so; only the mailed link sets its first one.
        pending = and_(Account.email_verified_at.is_(None), Account.password_hash.is_not(None))
        changed = {
            name: case((pending, written.excluded[name]), else_=getattr(Account, name))
            for name in ("full_name", "phone", "locale", "password_hash")
        }
        upsert = written.on_conflict_do_update(
            index_elements=["email"], index_where=text("NOT is_guest"), set_=changed
        ).returning(Account.id)
        account_id: UUID = self._db.execute(upsert).scalar_one()
        return account_id

    def verify(self, secret: str, password: str, hasher: Hasher, merging: Merging) -> None:
        """Believe the e-mail of the attempt the secret was mailed for, if its author has come back, and make them a member.

        :raises Problem: ``token_invalid``, ``invalid_input`` at ``password``.
        """
        account = attempts.redeem(self._db, secret, password, hasher)
        settle(self._db, account)
        People(self._db, self._tenant).join(account, self._tenant)
        merging.run(self._db, account)
        publish(self._db, events.VERIFIED, {"account_id": str(account.id)}, str(account.id))

    def guest(self, applicant: Applicant) -> Person:
        """A new guest. Each visit is a guest of its own: an e-mail nobody proved must not open earlier orders."""
        account = Account(**_columns(applicant), is_guest=True)
        self._db.add(account)
        self._db.flush()
        People(self._db, self._tenant).join(account, self._tenant, (Role.GUEST,))
        return Person(account, account.full_name, frozenset({Role.GUEST}))


def settle(db: Session, account: Account) -> None:
    """Note that a mailed secret came back: the e-mail is theirs, and whatever else was said of it counts no more."""
    if account.email_verified_at is None:
        account.email_verified_at = utcnow()
    db.flush()
    attempts.forget(db, account.id)


def _columns(applicant: Applicant) -> dict[str, Any]:
    now = utcnow()
    return {
        "id": uuid7(),
        "email": applicant.email,
        "full_name": applicant.full_name,
        "phone": applicant.phone,
        "locale": applicant.locale,
        "platform_roles": [],
        "sessions_since": now,
        "created_at": now,
        "updated_at": now,
    }
