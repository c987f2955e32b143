"""What a run says: to the administrator, line by line, and to a log."""

import os
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from belgenet.appliance.upgrade.journal import BEGUN, FAILED
from belgenet.appliance.upgrade.release import Failure
from belgenet.appliance.words import Words

LOGS: Final = Path("/var/log/belgenet")


class Teller:
    """Neither a closed terminal nor a full disk stops it.

    :param file: the log; None: there is none yet.
    """

    def __init__(self, say: Words, file: Path | None = None) -> None:
        self.say, self.file = say, file

    def __call__(self, code: str, **params: object) -> None:
        """Say a text of ours."""
        self.line(self.say(code, **params))

    def line(self, text: str) -> None:
        """Say a line."""
        with suppress(OSError):
            os.write(1, f"{text}\n".encode())
        self.log(text)

    def log(self, text: str) -> None:
        """Write to the log alone."""
        if self.file is None:
            return
        with suppress(OSError), self.file.open("a", encoding="utf-8") as log:
            log.write(f"{datetime.now(UTC):%H:%M:%S} {text}\n")

    def begin_log(self, kind: str, folder: Path = LOGS) -> None:
        """From now on, keep what is said. :raises OSError: the disk is full already."""
        folder.mkdir(mode=0o750, parents=True, exist_ok=True)
        self.file = folder / f"{kind}-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.log"
        self.file.touch(mode=0o640)

    def step(self, phase: str, name: str, event: str, error: BaseException | None) -> None:
        """What the machine says."""
        if event == BEGUN:
            self(f"step_{name}")
        elif event == FAILED:
            self("step_failed", reason=self.of(error))
        self.log(f"{phase} {name} {event}")

    def of(self, error: BaseException | None) -> str:
        """An error in the administrator's language."""
        if isinstance(error, Failure):
            return self.say(error.code, **error.params)
        return self.say("interrupted") if isinstance(error, KeyboardInterrupt) else f"{type(error).__name__}: {error}"
