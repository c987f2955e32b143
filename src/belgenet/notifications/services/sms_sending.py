from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

import structlog
from sqlalchemy import update
from sqlalchemy.orm import Session

from belgenet.core.db import utcnow
from belgenet.core.sms import SmsOutcomeUnknown, SmsRefused, SmsUnavailable
from belgenet.notifications.models import SmsMessage
from belgenet.notifications.services.sending import WIPED

log = structlog.get_logger(__name__)

CLAIM: Final = timedelta(seconds=60)
"""An SMS that has been "sending" for longer belongs to a process that died; longer than any provider is waited for."""
_OVER: Final = frozenset({"sent", "unknown"})


class SmsBusyError(Exception):
    """Another worker is sending this SMS right now; try later."""


@dataclass(frozen=True, slots=True)
class SmsSending:
    """Steps of sending one SMS. Each ends where the caller commits, so that no transaction waits for a provider.

    Providers know no Message-ID that would make two deliveries one, so a message goes out once at most: what may have left is never
    sent again, and its state says so.
    """

    db: Session

    def claim(self, sms_id: UUID) -> tuple[str, str] | None:
        """Take the SMS: its number and its text; None when nothing is left to do.

        :raises SmsBusyError: somebody else has it.
        """
        now = utcnow()
        row = self.db.get(SmsMessage, sms_id, with_for_update=True)
        if row is None or row.state in _OVER:
            return None
        if row.state == "sending":
            if row.sending_since is not None and row.sending_since >= now - CLAIM:
                raise SmsBusyError(str(sms_id))
            row.state, row.last_error = "unknown", "interrupted"
            log.warning("sms.unknown", sms=str(sms_id), why="interrupted")
            return None
        if row.text == WIPED:
            row.state, row.last_error = "failed", "too_old"
            return None
        row.state, row.sending_since = "sending", now
        self.db.flush()
        return row.recipient, row.text

    def finish(self, sms_id: UUID, provider_id: str) -> None:
        """Note that the provider took it."""
        self._set(sms_id, state="sent", sent_at=utcnow(), provider_id=provider_id, last_error=None)

    def give_back(self, sms_id: UUID, error: SmsUnavailable, *, last: bool) -> None:
        """Note why it did not go out; ``last``: nobody will try again by themselves."""
        self._set(sms_id, state="failed" if last else "queued", sending_since=None, last_error=str(error))

    def give_up(self, sms_id: UUID, error: SmsRefused | SmsOutcomeUnknown) -> None:
        """Note how it ended: refused for good, or in a way that leaves open whether it went out."""
        state = "failed" if isinstance(error, SmsRefused) else "unknown"
        log.warning("sms.given_up", sms=str(sms_id), state=state, why=error.code)
        self._set(sms_id, state=state, last_error=str(error))

    def _set(self, sms_id: UUID, **values: Any) -> None:
        changed = update(SmsMessage).where(SmsMessage.id == sms_id).values(**values)
        self.db.execute(changed.execution_options(synchronize_session=False))
