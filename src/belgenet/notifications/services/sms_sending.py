from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

import structlog
from sqlalchemy import ColumnElement, update
from sqlalchemy.orm import Session

from belgenet.core.db import utcnow
from belgenet.core.observability.metrics import SMS
from belgenet.core.sms import SmsOutcomeUnknown, SmsRefused, SmsUnavailable
from belgenet.notifications.models import SmsMessage

log = structlog.get_logger(__name__)

_OVER: Final = frozenset({"sent", "unknown"})


class SmsBusyError(Exception):
    """Another worker is sending this SMS right now; try later."""


@dataclass(frozen=True, slots=True)
class SmsSending:
    """Steps of sending one SMS. Each ends where the caller commits, so that no transaction waits for a provider.

    Providers know no Message-ID that would make two deliveries one, so a message goes out once at most: what may have left is never
    sent again, and its state says so.

    :param patience: how long a run can last; an SMS that has been "sending" for longer belongs to a process that died.
    """

    db: Session
    patience: timedelta

    def claim(self, sms_id: UUID) -> tuple[str, str] | None:
        """Take the SMS: its number and its text; None when nothing is left to do.

        :raises SmsBusyError: somebody else has it.
        """
        now = utcnow()
        row = self.db.get(SmsMessage, sms_id, with_for_update=True)
        if row is None or row.state in _OVER:
            return None
        if row.state == "sending":
            if row.sending_since is not None and row.sending_since >= now - self.patience:
                raise SmsBusyError(str(sms_id))
            row.state, row.last_error = "unknown", "interrupted"
            self._note_lost(sms_id)
            return None
        if row.forgotten_at is not None:
            row.state, row.last_error = "failed", "too_old"
            SMS.labels(state=row.state).inc()
            return None
        row.state, row.sending_since = "sending", now
        self.db.flush()
        return row.recipient, row.text

    def settle_lost(self) -> None:
        """Those whose run must have died become "unknown" although nobody delivers them again: their attempts may be used up."""
        lost = (SmsMessage.state == "sending", SmsMessage.sending_since < utcnow() - self.patience)
        changed = update(SmsMessage).where(*lost).values(state="unknown", last_error="interrupted")
        rows = self.db.scalars(changed.returning(SmsMessage.id).execution_options(synchronize_session=False))
        for sms_id in rows:
            self._note_lost(sms_id)

    @staticmethod
    def _note_lost(sms_id: UUID) -> None:
        SMS.labels(state="unknown").inc()
        log.warning("sms.given_up", sms=str(sms_id), state="unknown", why="interrupted")

    def finish(self, sms_id: UUID, provider_id: str) -> None:
        """Note that the provider took it, also when the answer came after we had ceased to expect one."""
        values = {"state": "sent", "sent_at": utcnow(), "provider_id": provider_id, "last_error": None}
        self._set(sms_id, SmsMessage.state.in_(("sending", "unknown")), values)

    def give_back(self, sms_id: UUID, error: SmsUnavailable, *, last: bool) -> None:
        """Note why it did not go out; ``last``: nobody will try again by themselves."""
        values = {"state": "failed" if last else "queued", "sending_since": None, "last_error": str(error)}
        self._set(sms_id, SmsMessage.state == "sending", values)

    def give_up(self, sms_id: UUID, error: SmsRefused | SmsOutcomeUnknown) -> None:
        """Note how it ended: refused for good, or in a way that leaves open whether it went out."""
        state = "failed" if isinstance(error, SmsRefused) else "unknown"
        log.warning("sms.given_up", sms=str(sms_id), state=state, why=error.code)
        self._set(sms_id, SmsMessage.state == "sending", {"state": state, "last_error": str(error)})

    def _set(self, sms_id: UUID, allowed: ColumnElement[bool], values: dict[str, Any]) -> None:
        """Nobody held the row while the provider was asked: who took it for lost meanwhile has the last word."""
        changed = update(SmsMessage).where(SmsMessage.id == sms_id, allowed).values(**values).returning(SmsMessage.id)
        if self.db.execute(changed.execution_options(synchronize_session=False)).scalar() is not None:
            SMS.labels(state=values["state"]).inc()
