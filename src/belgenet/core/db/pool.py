"""A connection pool that says how much of it is lent out, and how long borrowers wait."""

import time
from typing import Any

from sqlalchemy import Engine, QueuePool, event
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.pool import PoolProxiedConnection

from belgenet.core.observability.metrics import POOL_IN_USE, POOL_LIMIT, POOL_SECONDS, POOL_TIMEOUTS


class MeasuredPool(QueuePool):
    """SQLAlchemy's own, measured once :func:`measure` has named it."""

    measured_as = "unnamed"

    def connect(self) -> PoolProxiedConnection:
        """Lend a connection. :raises sqlalchemy.exc.TimeoutError: none came back in time."""
        started = time.perf_counter()
        try:
            connection = super().connect()
        except PoolTimeout:
            POOL_TIMEOUTS.labels(pool=self.measured_as).inc()
            raise
        POOL_SECONDS.labels(pool=self.measured_as).observe(time.perf_counter() - started)
        POOL_IN_USE.labels(pool=self.measured_as).inc()
        return connection

    def recreate(self) -> "MeasuredPool":
        """After ``dispose``; the new pool keeps the name."""
        pool: MeasuredPool = super().recreate()  # type: ignore[assignment]
        pool.measured_as = self.measured_as
        return pool


def measure(engine: Engine, name: str, limit: int) -> None:
    """Count the engine's pool under a name.

    :param engine: made with ``poolclass=MeasuredPool``.
    :param limit: connections it may lend out at once.
    """
    pool: MeasuredPool = engine.pool  # type: ignore[assignment]
    pool.measured_as = name
    POOL_TIMEOUTS.labels(pool=name)

    @event.listens_for(engine, "connect")
    def opened(*_: Any) -> None:
        POOL_LIMIT.labels(pool=name).set(limit)  # not before: a forked process counts for itself

    @event.listens_for(engine, "checkin")
    def returned(*_: Any) -> None:
        POOL_IN_USE.labels(pool=name).dec()
