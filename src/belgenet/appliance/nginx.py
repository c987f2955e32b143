"""Nginx takes over a new configuration while it serves."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from belgenet.appliance.run import CommandError, run

_RETIRING: Final = "is shutting down"
"""What a worker's title ends with from when it takes no new connection."""
_SECONDS: Final = 20.0


def reload(ask: Callable[..., str] = run, proc: Path = Path("/proc"), seconds: float = _SECONDS) -> None:
    """Have Nginx look at its files, read them when they are good, and answer whoever comes from now on by them.

    ``systemctl reload`` returns when the signal is sent; workers that know the old files go on for a moment. This waits until they
    take no new connection. What they have begun they finish.

    :param ask: runs a program.
    :param seconds: after which it is a failure that old workers still take connections.
    :raises CommandError: with what it said.
    """
    ask(["nginx", "-t", "-q"], timeout=60)
    master = ask(["systemctl", "show", "--property=MainPID", "--value", "nginx"]).strip()
    before = set(_taking(proc, master))
    ask(["systemctl", "reload", "nginx"], timeout=60)
    until = time.monotonic() + seconds
    while before & set(_taking(proc, master)):
        if time.monotonic() > until:
            raise CommandError("nginx", None, "its workers go on with the files from before")
        time.sleep(0.05)


def _taking(proc: Path, master: str) -> Iterator[str]:
    """Process numbers of the workers that take connections; of one there is a new one or none, never two with the same number."""
    try:
        children = (proc / master / "task" / master / "children").read_text(encoding="ascii").split()
    except OSError:
        return  # it does not run
    for child in children:
        try:
            title = (proc / child / "cmdline").read_bytes().rstrip(b"\0 ").decode(errors="replace")
        except OSError:
            continue
        if not title.endswith(_RETIRING):
            yield child
