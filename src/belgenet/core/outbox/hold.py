"""A server that was brought back from a backup must not write to people before somebody has looked at it."""

from pathlib import Path
from typing import Final

OUTGOING: Final = frozenset({"mail"})
"""Queues whose work leaves the server and cannot be taken back: mail and SMS."""


class Hold:
    """While a file is there, what is outgoing waits in the database; nothing of it is tried, counted or lost.

    :param file: the setting ``tasks.hold_file``; None: nothing is ever held.
    """

    def __init__(self, file: Path | None) -> None:
        self._file = file

    def queues(self) -> frozenset[str]:
        """Names of the queues that are held now; asked again each time, so that the switch needs no restart."""
        return OUTGOING if self._file is not None and self._file.exists() else frozenset()
