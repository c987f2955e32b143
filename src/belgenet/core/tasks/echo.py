"""A message that goes to the workers and comes back: proof that queues are carried and worked off."""

import secrets
from typing import Final

import redis
from celery import Celery

from belgenet.settings import Settings

ECHO: Final = "belgenet.echo"
_KEPT_SECONDS: Final = 60


class NoEchoError(Exception):
    """No worker of a queue answered in time."""


def _client(settings: Settings, wait: float = 10) -> redis.Redis:
    url = settings.tasks.broker_url.get_secret_value()
    return redis.Redis.from_url(url, socket_timeout=wait + 5, socket_connect_timeout=3)


def _key(settings: Settings, token: str) -> str:
    return f"{settings.tasks.namespace}:echo:{token}"


def answer(settings: Settings, token: str) -> None:
    """What a worker does with it."""
    with _client(settings) as client:
        client.rpush(_key(settings, token), "1")
        client.expire(_key(settings, token), _KEPT_SECONDS)


def ask(app: Celery, settings: Settings, queue: str, seconds: float = 20) -> None:
    """Send one to a queue and wait for it.

    :raises NoEchoError: nobody answered within ``seconds``.
    """
    token = secrets.token_hex(8)
    app.send_task(ECHO, (token,), queue=queue, expires=seconds)
    with _client(settings, seconds) as client:
        if client.blpop([_key(settings, token)], timeout=seconds) is None:
            raise NoEchoError(f"no worker of the queue {queue} answered within {seconds:.0f} s")
