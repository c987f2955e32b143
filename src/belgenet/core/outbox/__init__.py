"""Nothing queued for a transaction that rolls back, nothing committed ever lost."""

from typing import Any

from belgenet.core.outbox.publish import publish
from belgenet.core.outbox.registry import Consumer, Event, consumer

__all__ = ["Consumer", "Event", "consumer", "publish"]


def includeme(config: Any) -> None:
    config.include("belgenet.core.outbox.registry")
