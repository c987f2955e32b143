from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from belgenet.accounts.interfaces import AccountInfo
from belgenet.accounts.models import Account, Membership
from belgenet.accounts.services.searching import matches, shown_name


class MemberDirectory:
    """AccountDirectory over memberships: row level security keeps it inside the tenant."""

    def __init__(self, db: Session) -> None:
        self._db = db

    def get(self, account_id: UUID) -> AccountInfo | None:
        """See AccountDirectory."""
        return self.many([account_id]).get(account_id)

    def many(self, account_ids: Collection[UUID]) -> Mapping[UUID, AccountInfo]:
        """See AccountDirectory."""
        if not account_ids:
            return {}
        rows = self._db.execute(_members().where(Account.id.in_(set(account_ids))))
        return {row[0]: AccountInfo(*row) for row in rows}

    def search(self, words: str, *, limit: int = 100) -> list[UUID]:
        """See AccountDirectory."""
        found = _members().where(*matches(words)).order_by(Membership.created_at.desc(), Membership.id.desc())
        return [row[0] for row in self._db.execute(found.limit(limit))]


def _members() -> Select[*tuple[Any, ...]]:
    name = shown_name()
    columns = (Account.id, Account.email, name, Account.phone, Account.locale, Account.is_guest)
    return select(*columns).join(Membership, Membership.account_id == Account.id)
