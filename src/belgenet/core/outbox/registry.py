from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from belgenet.core.traversal import Suspended

QUEUES = ("payments", "documents", "default", "mail", "maintenance")
"""Celery queues by kind of work, the most urgent first."""


@dataclass(frozen=True, slots=True)
class Event:
    """What a consumer is told."""

    id: UUID
    topic: str
    payload: dict[str, Any]
    created_at: datetime
    attempt: int
    last_attempt: bool


ConsumerFunction = Callable[[Any, Event], None]
Condition = Callable[[Mapping[str, Any]], bool]


@dataclass(frozen=True, slots=True)
class Consumer:
    """A function that turns an event into its effect, exactly once: effect and bookkeeping share one transaction.

    ``preload`` names the modules it imports when it runs; workers of its queue import them before they fork. ``when`` says by the
    event's payload whether there is anything to do: a delivery is a message and two transactions, too much for finding out.
    """

    name: str
    topic: str
    queue: str
    function: ConsumerFunction
    preload: tuple[str, ...] = ()
    when: Condition | None = None


@dataclass(frozen=True, slots=True)
class Periodic:
    """Work that beat starts every so often, once for the platform or once for each tenant; suspended tenants are left out
    unless it says ``serve``. ``soft_time_limit_seconds`` replaces the workers' own limit for work of the platform.
    """

    name: str
    every_seconds: float
    queue: str
    scope: Literal["tenant", "platform"]
    function: Callable[[Any], None]
    suspended: Suspended = "refuse"
    soft_time_limit_seconds: int | None = None


def consumer(
    topic: str, *, name: str, queue: str = "default", preload: tuple[str, ...] = (), when: Condition | None = None
) -> Callable[[ConsumerFunction], Consumer]:
    """Declare a consumer: ``@consumer("payment.confirmed", name="...")``; register it with ``config.add_consumer``."""
    if queue not in QUEUES:
        raise ValueError(f"{name}: no queue '{queue}'")
    return lambda function: Consumer(name, topic, queue, function, preload, when)


def modules_to_preload(consumers: Iterable[Consumer], queues: Iterable[str]) -> list[str]:
    """Names of the modules that workers of ``queues`` import before they fork."""
    served = set(queues)
    return sorted({name for item in consumers if item.queue in served for name in item.preload})


def includeme(config: Any) -> None:
    config.registry["belgenet.consumers"] = {}
    config.registry["belgenet.periodic"] = {}
    config.add_directive("add_consumer", _add_consumer)
    config.add_directive("add_periodic", _add_periodic)


def _add_consumer(config: Any, item: Consumer) -> None:
    if config.registry["belgenet.consumers"].setdefault(item.name, item) is not item:
        raise ValueError(f"two consumers named {item.name}")


def _add_periodic(
    config: Any,
    name: str,
    every_seconds: float,
    function: Callable[[Any], None],
    *,
    scope: Literal["tenant", "platform"] = "tenant",
    queue: str = "maintenance",
    suspended: Suspended = "refuse",
    soft_time_limit_seconds: int | None = None,
) -> None:
    item = Periodic(name, every_seconds, queue, scope, function, suspended, soft_time_limit_seconds)
    config.registry["belgenet.periodic"][name] = item
