"""Which part of the journal is ours."""

from collections.abc import Sequence
from typing import Final

OURS: Final = ("belgenet-*", "nginx*", "postgresql*", "redis-server*", "nftables*")
_SHORT: Final = ("web", "worker", "beat", "relay", "objects", "backup", "alert")


def pattern(unit: str) -> str:
    """A unit as an administrator names it, for ``journalctl --unit``: ``web`` means every web process of ours."""
    if unit in _SHORT:
        return f"belgenet-{unit}*"
    if unit in {"postgresql", "redis"}:
        return {"postgresql": "postgresql@*", "redis": "redis-server@*"}[unit]
    return unit


def command(units: Sequence[str], *, since: str, follow: bool = False, lines: int | None = None) -> list[str]:
    """The words of ``journalctl``."""
    wanted = [pattern(unit) for unit in units] or list(OURS)
    words = ["journalctl", "--quiet", "--output=short-iso", f"--since={since}", *(f"--unit={unit}" for unit in wanted)]
    words += ["--follow"] if follow else []
    words += [f"--lines={lines}"] if lines is not None else []
    return [*words, "--no-pager"] if follow or lines is not None else words
