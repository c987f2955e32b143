"""Filled by its domain."""

from typing import Any


def includeme(config: Any) -> None:
    """Nothing to include yet."""
