"""Counting wrong passwords, in PostgreSQL: unlike the rate limits on Redis these counts must survive, and hold without Redis."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Engine, case, delete, func
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from belgenet.accounts.models import SignInFailures
from belgenet.core.db import utcnow
from belgenet.core.web.errors import ErrorCode, Problem

WINDOW: Final = timedelta(minutes=15)
PER_ADDRESS: Final = 8
"""Attempts in a row from one address before it has to wait."""
EVERYWHERE: Final = 40
"""Attempts in a row from all addresses. Far above ``PER_ADDRESS``: a stranger shall not lock the owner out with a handful."""


def email_digest(email: str) -> bytes:
    """Stands for the e-mail, so that the table is not a list of what people typed."""
    return hashlib.sha256(email.encode()).digest()


@dataclass(frozen=True, slots=True)
class Throttle:
    """Lets a sign-in attempt through or not. Counts in transactions of its own, which outlive the request's rollback."""

    engine: Engine

    def admit(self, email: str, address: str | None) -> None:
        """Count the attempt before the password is looked at, so that a burst of parallel guesses is counted as it comes.

        :raises Problem: ``account_locked`` (429) with ``Retry-After``, for known and unknown e-mails alike.
        """
        now = utcnow()
        table = SignInFailures.__table__.c
        fresh = {"email_digest": email_digest(email), "failures": 1, "expires_at": now + WINDOW}
        rows = [{**fresh, "address": ""}, {**fresh, "address": address or "unknown"}]
        expired = table.expires_at <= now
        limit = case((table.address == "", EVERYWHERE), else_=PER_ADDRESS)
        attempt = insert(SignInFailures).values(rows)
        counted = attempt.on_conflict_do_update(
            index_elements=["email_digest", "address"],
            set_={
                "failures": case((expired, 1), else_=func.least(table.failures + 1, EVERYWHERE + 1)),
                "expires_at": case((expired | (table.failures < limit), now + WINDOW), else_=table.expires_at),
            },
        ).returning(SignInFailures.address, SignInFailures.failures, SignInFailures.expires_at)
        with self.engine.begin() as connection:
            found = connection.execute(counted).all()
        until = [expires for where, failures, expires in found if failures > (PER_ADDRESS if where else EVERYWHERE)]
        if until:
            _refuse(max(until), now)

    @staticmethod
    def clear(db: Session, email: str) -> None:
        """Forget the failures: the owner was here."""
        gone = delete(SignInFailures).where(SignInFailures.email_digest == email_digest(email))
        db.execute(gone.execution_options(synchronize_session=False))

    @staticmethod
    def purge(db: Session) -> None:
        """Drop counts that no longer count."""
        gone = delete(SignInFailures).where(SignInFailures.expires_at < utcnow() - WINDOW)
        db.execute(gone.execution_options(synchronize_session=False))


def _refuse(until: datetime, now: datetime) -> None:
    seconds = int((until - now).total_seconds()) + 1
    minutes = -(-seconds // 60)
    params = {"seconds": seconds, "minutes": minutes}
    raise Problem(ErrorCode.ACCOUNT_LOCKED, 429, params=params, headers={"Retry-After": str(seconds)})
