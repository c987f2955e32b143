"""What other domains may know of people."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class AccountInfo:
    """A person as the tenant knows them; ``email`` is normalised, ``phone`` in E.164."""

    id: UUID
    email: str
    full_name: str
    phone: str | None
    locale: str
    is_guest: bool


class AccountDirectory(Protocol):
    """Finds members of the tenant; ``request.service(AccountDirectory)``."""

    def get(self, account_id: UUID) -> AccountInfo | None:
        """The member, or None: unknown, or of another tenant."""

    def many(self, account_ids: Collection[UUID]) -> Mapping[UUID, AccountInfo]:
        """Those of the accounts that are members, in one query."""

    def search(self, words: str, *, limit: int = 100) -> list[UUID]:
        """Members, guests included, whose name or e-mail contains every word, whatever the case or the dots on its letters."""


class AccountMerger(Protocol):
    """Hands a guest's things to the registered account with the same, now verified, e-mail.

    Register with ``config.add_account_merger(function)``. Runs in the transaction of the verification or sign-in; must be
    safe to run again.
    """

    def __call__(self, session: Session, *, from_account: UUID, to_account: UUID) -> None:
        """Re-own the tenant's rows of ``from_account``."""


class AccountMailer(Protocol):
    """How this domain sends mail; implemented by ``notifications``, which stands above it."""

    def email(self, template: str, to: str, locale: str, context: Mapping[str, Any], dedupe_key: str) -> bool:
        """Queue one mail; False when one with this key exists."""


class MemberFigures(Protocol):
    """Counts of the session's tenant for the panel; ``request.service(MemberFigures)``."""

    def joined(self, session: Session, since: datetime, until: datetime, time_zone: str) -> Mapping[date, int]:
        """People who became members, guests left out, by day of the tenant's calendar; one query."""


class AdministratorInviter(Protocol):
    """Gives a new tenant its first administrator; ``request.service(AdministratorInviter)``."""

    def __call__(self, session: Session, tenant_id: UUID, *, email: str, locale: str) -> bool:
        """Make ``email`` an administrator of a tenant that has no members yet, in the transaction that makes the tenant.

        :param session: of the platform role, with ``info["tenant_id"]`` set.
        :returns: True when the account is new and a link to set its password will be mailed; False when its owner has a password.
        :raises Problem: ``invalid_input`` at ``admin_email``.
        """
