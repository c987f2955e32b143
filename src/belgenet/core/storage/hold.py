"""A pause in writing, while the objects change servers.

A lease: it is over when nobody has renewed it for a while, so that whoever is killed while holding it stops nobody for long.
"""

import os
import time
from pathlib import Path
from typing import Final

LEASE_SECONDS: Final = 30.0


def held(file: str) -> bool:
    """Whether writing pauses. An empty name: there is no such file, and never a pause."""
    if not file:
        return False
    try:
        return time.time() - os.stat(file).st_mtime < LEASE_SECONDS  # noqa: PTH116 -- asked before every write
    except OSError:
        return False


def renew(file: Path) -> None:
    """Begin the pause, or make it last."""
    file.touch(mode=0o644)
