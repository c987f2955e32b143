"""Background work."""

from typing import Any

from belgenet.core.tasks.housekeeping import purge
from belgenet.core.tasks.surroundings import task_request

__all__ = ["task_request"]


def includeme(config: Any) -> None:
    config.add_periodic("core.purge", 3600, purge, suspended="serve")
