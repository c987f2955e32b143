"""Logs, metrics, health."""

from typing import Any


def includeme(config: Any) -> None:
    config.include("belgenet.core.observability.health")
