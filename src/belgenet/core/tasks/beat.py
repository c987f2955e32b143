"""The schedule of periodic work, which survives restarts: last starts are rows, see :class:`PeriodicRun`."""

from collections.abc import Callable, Collection
from datetime import timedelta
from typing import Any, Final

import structlog
from celery import Celery
from celery.beat import ScheduleEntry, Scheduler
from sqlalchemy import Engine, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import SQLAlchemyError

from belgenet.core.db.types import utcnow
from belgenet.core.tasks.models import PeriodicRun

log = structlog.get_logger(__name__)
LONGEST_NAP_SECONDS: Final = 5.0
BROKER_AWAY: Final = timedelta(seconds=5)
QUEUE_FULL: Final = timedelta(seconds=60)


class Schedule(Scheduler):
    """What is due is sent once; what could not be sent stays due.

    :param full: names of queues that get no more for now (see ``Queues.full``).
    """

    def __init__(self, app: Celery, engine: Engine, full: Callable[[], Collection[str]] = frozenset) -> None:
        self._engine = engine
        self._full = full
        super().__init__(app=app, max_interval=LONGEST_NAP_SECONDS)

    def setup_schedule(self) -> None:
        """Called by the constructor: go on where the beat before this one stopped. :raises SQLAlchemyError: no database."""
        super().setup_schedule()
        now = utcnow()
        first = [{"name": name, "started_at": now} for name in self.schedule]
        with self._engine.begin() as connection:
            if first:
                connection.execute(insert(PeriodicRun).on_conflict_do_nothing(), first)
            known = connection.execute(select(PeriodicRun.name, PeriodicRun.started_at)).all()
        for name, started_at in known:
            if name in self.schedule:
                self.schedule[name].last_run_at = min(started_at, now)

    def apply_entry(self, entry: ScheduleEntry, producer: Any = None) -> None:
        """Send one piece of work, or try again soon."""
        try:
            if entry.options.get("queue") in self._full():
                log.warning("beat.queue_full", name=entry.name, queue=entry.options["queue"])
                self._postpone(entry, QUEUE_FULL)
                return
            self.apply_async(entry, producer=producer, advance=False)
        except Exception as error:  # noqa: BLE001 - celery, kombu and redis each have their own
            log.warning("beat.not_sent", name=entry.name, error=str(error))
            self._postpone(entry, BROKER_AWAY)
            return
        self._remember(entry.name)

    def _postpone(self, entry: ScheduleEntry, pause: timedelta) -> None:
        every: timedelta = entry.schedule.run_every
        self.schedule[entry.name].last_run_at = utcnow() - every + min(every, pause)
        self._heap = None  # it is ordered by when things are due, and is made anew by the next tick

    def _remember(self, name: str) -> None:
        """Sent is sent: without the database the next beat sends it once more, which all periodic work allows."""
        written = insert(PeriodicRun).values(name=name, started_at=utcnow())
        changed = written.on_conflict_do_update(
            index_elements=["name"], set_={"started_at": written.excluded.started_at}
        )
        try:
            with self._engine.begin() as connection:
                connection.execute(changed)
        except SQLAlchemyError as error:
            log.warning("beat.not_remembered", name=name, error=str(error))
