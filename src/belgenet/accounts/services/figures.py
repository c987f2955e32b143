from collections.abc import Mapping
from datetime import date, datetime

from sqlalchemy import Date, cast, func, select
from sqlalchemy.orm import Session

from belgenet.accounts.models import Account, Membership


class OwnMemberFigures:
    """MemberFigures from memberships; guests are no members to anybody who counts."""

    def joined(self, session: Session, since: datetime, until: datetime, time_zone: str) -> Mapping[date, int]:
        """See MemberFigures."""
        day = cast(func.timezone(time_zone, Membership.created_at), Date)
        rows = (
            select(day, func.count())
            .join(Account, Account.id == Membership.account_id)
            .where(Membership.created_at >= since, Membership.created_at < until, Account.is_guest.is_(False))
            .group_by(day)
            .order_by(day)
        )
        return {row[0]: row[1] for row in session.execute(rows)}
