"""One verb at a time may change the server."""

import fcntl
import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, TextIO

from belgenet.appliance import places
from belgenet.appliance.words import words

LOCK: Final = Path("/run/belgenet-server.lock")
PATIENCE: Final = "BELGENET_PATIENCE"
"""Environment variable: for how many seconds a command waits for its turn. Units set it; people are told at once who is at work."""
_AGAIN: Final = 5.0


class Busy(Exception):  # noqa: N818 -- what callers say to people, not a defect
    """Another verb is at work. ``verb`` and ``since`` (UTC, ISO 8601) say which; empty when it died while writing that down."""

    def __init__(self, verb: str, since: str) -> None:
        super().__init__(
            f"belgenet {verb} is at work since {since}" if verb else "another command of the server is at work"
        )
        self.verb, self.since = verb, since

    def told(self, lang: str = "") -> str:
        """For people, with what to do. :param lang: ``tr`` or ``en``; that of the terminal by default."""
        say = words("server", lang)
        return say("busy", verb=self.verb, since=self.since) if self.verb else say("busy_unknown")


@contextmanager
def exclusive(verb: str, *, lock: Path = LOCK) -> Iterator[None]:
    """Hold the server's lock while ``verb`` runs. The kernel gives it back when the process ends, however it ends.

    Programs that are started meanwhile do not inherit it.

    :raises Busy: another process holds it, and did for as long as :data:`PATIENCE` says.
    """
    handle = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    with os.fdopen(handle, "r+", encoding="utf-8") as file:
        _take(file)
        file.seek(0)
        file.truncate()
        json.dump({"verb": verb, "since": datetime.now(UTC).isoformat(timespec="seconds"), "pid": os.getpid()}, file)
        file.flush()
        yield
        file.truncate(0)


def _take(file: TextIO) -> None:
    until = time.monotonic() + float(os.environ.get(PATIENCE, "0"))
    release = places.CURRENT.resolve()
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            left = until - time.monotonic()
            if left <= 0:
                file.seek(0)
                raise _busy(file.read()) from None
            time.sleep(min(left, _AGAIN))
        else:
            break
    if places.CURRENT.resolve() != release:  # an upgrade was what it waited for: the work is the new release's
        os.execv(sys.argv[0], sys.argv)  # noqa: S606


def _busy(noted: str) -> Busy:
    try:
        holder = json.loads(noted)
        return Busy(holder["verb"], holder["since"])
    except (ValueError, KeyError, TypeError):
        return Busy("", "")
