"""Holds the pause in writing (``core.storage.hold``) while the objects change servers."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from belgenet.appliance.objectstore.lesser import die_with_parent
from belgenet.core.storage.hold import LEASE_SECONDS, held, renew

FILE: Final = Path("/run/belgenet/storage.hold")
SETTLE_SECONDS: Final = 3.0
"""How long a write may still be on its way that began before the pause; whatever takes longer is found when the source is looked
through once more after the switch."""


@contextmanager
def pause(file: Path = FILE, *, settle: float = SETTLE_SECONDS) -> Iterator[Callable[[], bool]]:
    """Nobody writes in the meantime; gives a function that says whether the pause still holds. A process of its own renews it,
    which ends with this one: after a ``kill -9`` the pause is over within the lease.
    """
    renew(file)
    parent = os.getpid()
    if not (child := os.fork()):
        _renew_for_ever(file, parent)
    try:
        time.sleep(settle)
        yield lambda: held(str(file))
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        file.unlink(missing_ok=True)


def _renew_for_ever(file: Path, parent: int) -> None:
    try:
        die_with_parent(parent)
        while True:
            renew(file)
            time.sleep(LEASE_SECONDS / 10)
    finally:
        os._exit(1)
