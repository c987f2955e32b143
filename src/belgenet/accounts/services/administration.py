"""What the command line may do that nobody may over HTTP."""

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import TypeAdapter
from sqlalchemy import select
from sqlalchemy.orm import Session, contains_eager

from belgenet.accounts.models import Account, Membership
from belgenet.accounts.schemas import Email, Locale, NewPassword
from belgenet.accounts.services import attempts
from belgenet.accounts.services.hasher import Hasher
from belgenet.accounts.services.password_rules import check_password
from belgenet.accounts.services.people import People, registered
from belgenet.core.db import utcnow
from belgenet.core.security import Role
from belgenet.core.traversal import TenantInfo
from belgenet.core.web.schema import In, PersonName


class UserExistsError(Exception):
    """The account has a place here already."""


class NewUser(In):
    """Who to create."""

    email: Email
    full_name: PersonName
    role: Role
    locale: Locale = "tr"


@dataclass(frozen=True, slots=True)
class Administration:
    """Accounts made by whoever runs the installation. The e-mail is taken as verified."""

    db: Session
    tenant: TenantInfo | None
    hasher: Hasher

    def create(self, wanted: NewUser, password: str) -> Account:
        """Create the account, or give an existing one its place here (its password stays). An account whose e-mail nobody verified
        is made anew: whoever registered it may be a stranger, who must not get this role with the owner's help.

        :raises UserExistsError: it has one. :raises Problem: ``password_too_weak``. :raises pydantic.ValidationError: too short.
        """
        account = registered(self.db, wanted.email) or self._new(wanted)
        if account.email_verified_at is None:
            self._make_theirs(account, wanted, password)
        if self.tenant is None:
            if account.platform_roles:
                raise UserExistsError(wanted.email)
            account.platform_roles = [Role.SUPER_ADMIN.value]
        elif self.db.scalar(select(Membership.id).where(Membership.account_id == account.id)) is not None:
            raise UserExistsError(wanted.email)
        else:
            People(self.db, self.tenant).join(account, self.tenant, (wanted.role,))
        self.db.flush()
        return account

    def _new(self, wanted: NewUser) -> Account:
        account = Account(email=wanted.email, full_name=wanted.full_name, locale=wanted.locale)
        self.db.add(account)
        return account

    def _make_theirs(self, account: Account, wanted: NewUser, password: str) -> None:
        check_new_password(password, email=wanted.email, full_name=wanted.full_name)
        account.full_name, account.locale = wanted.full_name, wanted.locale
        account.password_hash, account.email_verified_at = self.hasher.hash(password), utcnow()
        self.db.flush()
        attempts.forget(self.db, account.id)

    def members(self) -> Sequence[tuple[Account, list[str], bool]]:
        """``(account, roles, disabled)`` of everybody here but guests, by e-mail."""
        if self.tenant is None:
            of_platform = select(Account).where(Account.platform_roles != []).order_by(Account.email)
            return [(row, row.platform_roles, row.disabled_at is not None) for row in self.db.scalars(of_platform)]
        joined = select(Membership).join(Membership.account).options(contains_eager(Membership.account))
        found = self.db.scalars(joined.where(Account.is_guest.is_(False)).order_by(Account.email))
        return [(row.account, row.roles, row.disabled_at is not None) for row in found]


def check_new_password(password: str, *, email: str, full_name: str) -> None:
    """:raises pydantic.ValidationError: too short or long. :raises Problem: ``password_too_weak``."""
    TypeAdapter(NewPassword).validate_python(password)
    check_password(password, email=email, full_name=full_name)
