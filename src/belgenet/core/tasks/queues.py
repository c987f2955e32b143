"""How much waits at the broker."""

from typing import Final

import redis

from belgenet.core.outbox.registry import QUEUES
from belgenet.settings import Settings

FULL: Final = 1000
"""Messages in one queue beyond which nothing is added to it: a broker without workers must not grow until it dies. Some minutes
of work for one worker, so that nobody ever idles because of it."""


class Queues:
    """The broker's queues, asked directly: Celery would need two round trips for each."""

    def __init__(self, settings: Settings) -> None:
        url = settings.tasks.broker_url.get_secret_value()
        self._client = redis.Redis.from_url(url, socket_timeout=10, socket_connect_timeout=3)
        self._keys = [f"{settings.tasks.namespace}:{name}" for name in QUEUES]

    def full(self, limit: int = FULL) -> frozenset[str]:
        """Names of the queues that hold ``limit`` messages or more; one round trip.

        :raises redis.RedisError: the broker does not answer.
        """
        with self._client.pipeline(transaction=False) as pipe:
            for key in self._keys:
                pipe.llen(key)
            lengths = pipe.execute()
        return frozenset(name for name, length in zip(QUEUES, lengths, strict=True) if length >= limit)

    def close(self) -> None:
        """Give the connections back."""
        self._client.close()
