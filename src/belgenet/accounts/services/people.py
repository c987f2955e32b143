"""A person at one door: account, name and roles read together."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from belgenet.accounts.models import Account, Membership
from belgenet.core.db import utcnow, uuid7
from belgenet.core.security import Role
from belgenet.core.traversal import TenantInfo
from belgenet.core.web.errors import ErrorCode, Problem

DEFAULT_ROLES = {"academy": Role.STUDENT, "charity": Role.DONOR}
"""What somebody who walks in becomes, by the tenant's kind."""


@dataclass(frozen=True, slots=True)
class Person:
    """Who somebody is at this door."""

    account: Account
    full_name: str
    roles: frozenset[Role]


def known_roles(names: list[str]) -> frozenset[Role]:
    """Roles of this version; one that a newer version wrote gives no rights instead of an error."""
    return frozenset(Role(name) for name in names if name in Role.__members__)


class People:
    """People of one door: a tenant's, or (``tenant`` None) the platform's."""

    def __init__(self, db: Session, tenant: TenantInfo | None) -> None:
        self._db = db
        self._tenant = tenant

    def get(self, account_id: UUID) -> Person | None:
        """The person, unless unknown here or disabled."""
        if self._tenant is None:
            account = self._db.get(Account, account_id)
            return self._of_platform(account) if account else None
        found = self._db.execute(
            select(Account, Membership)
            .join(Membership, Membership.account_id == Account.id)
            .where(Account.id == account_id, Membership.disabled_at.is_(None), Account.disabled_at.is_(None))
        ).first()
        return (
            Person(found[0], found[1].full_name or found[0].full_name, known_roles(found[1].roles)) if found else None
        )

    def enter(self, account: Account) -> Person:
        """The person who has just proved to own ``account``; a stranger to the tenant joins it with its default role.

        :raises Problem: ``account_disabled``, ``registration_closed`` (403), ``invalid_credentials`` (401; not of the platform).
        """
        if account.disabled_at is not None:
            raise Problem(ErrorCode.ACCOUNT_DISABLED, 403)
        if self._tenant is None:
            person = self._of_platform(account)
            if person is None:
                raise Problem(ErrorCode.INVALID_CREDENTIALS, 401)
            return person
        member = self.join(account, self._tenant)
        if member.disabled_at is not None:
            raise Problem(ErrorCode.ACCOUNT_DISABLED, 403)
        seen = update(Membership).where(Membership.id == member.id).values(last_sign_in_at=utcnow())
        self._db.execute(seen.execution_options(synchronize_session=False))
        return Person(account, member.full_name or account.full_name, known_roles(member.roles))

    def join(self, account: Account, tenant: TenantInfo, roles: tuple[Role, ...] = ()) -> Membership:
        """The membership, made if missing; two at once make one.

        :param roles: of a new member; default the tenant's role for who walks in, which registration must be open for.
        :raises Problem: ``registration_closed``.
        """
        mine = select(Membership).where(Membership.account_id == account.id)
        member = self._db.scalar(mine)
        if member is not None:
            return member
        if not roles:
            check_open(tenant)
            roles = (DEFAULT_ROLES[tenant.kind],)
        now = utcnow()
        values = {"id": uuid7(), "tenant_id": tenant.id, "account_id": account.id, "created_at": now, "updated_at": now}
        self._db.flush()
        self._db.execute(insert(Membership).values(**values, roles=list(roles)).on_conflict_do_nothing())
        return self._db.scalars(mine).one()

    @staticmethod
    def _of_platform(account: Account) -> Person | None:
        if not account.platform_roles or account.disabled_at is not None:
            return None
        return Person(account, account.full_name, known_roles(account.platform_roles))


def check_open(tenant: TenantInfo) -> None:
    """:raises Problem: ``registration_closed``: the tenant makes its accounts itself."""
    if tenant.overrides.get("registration") == "closed":
        raise Problem(ErrorCode.REGISTRATION_CLOSED, 403)


def registered(db: Session, email: str, *, share_lock: bool = False) -> Account | None:
    """The account that signs in with this e-mail.

    :param share_lock: keep it from changing until this transaction ends.
    """
    wanted = select(Account).where(Account.email == email, Account.is_guest.is_(False))
    if share_lock:
        wanted = wanted.with_for_update(read=True)
    return db.scalar(wanted.execution_options(populate_existing=True))
