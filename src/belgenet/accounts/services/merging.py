"""What a guest ordered belongs to whoever proves to own the guest's e-mail."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from belgenet.accounts.interfaces import AccountMerger
from belgenet.accounts.models import Account, Membership, RefreshSession
from belgenet.core.db import utcnow


@dataclass(frozen=True, slots=True)
class Merging:
    """Hands over guests of the bound tenant through the registered mergers."""

    mergers: Sequence[AccountMerger]

    def run(self, db: Session, account: Account) -> int:
        """Merge the tenant's guests with this verified e-mail into ``account``; how many there were."""
        waiting = (
            select(Account)
            .join(Membership, Membership.account_id == Account.id)
            .where(Account.is_guest, Account.email == account.email, Account.merged_into_id.is_(None))
            .order_by(Account.id)
            .with_for_update(of=Account)
        )
        guests = db.scalars(waiting).all()
        for guest in guests:
            for merge in self.mergers:
                merge(db, from_account=guest.id, to_account=account.id)
            guest.merged_into_id = account.id
        if guests:
            self._close(db, [guest.id for guest in guests])
        return len(guests)

    @staticmethod
    def _close(db: Session, guests: list[object]) -> None:
        """The guest's session would see nothing any more; end it rather than leave it empty."""
        db.flush()
        now = utcnow()
        member = update(Membership).where(Membership.account_id.in_(guests)).values(disabled_at=now)
        session = update(RefreshSession).where(
            RefreshSession.account_id.in_(guests), RefreshSession.revoked_at.is_(None)
        )
        for statement in (member, session.values(revoked_at=now, revoked_for="merged")):
            db.execute(statement.execution_options(synchronize_session=False))
