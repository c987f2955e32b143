"""Starts units in order, watches over them, restarts what dies, stops them in reverse."""

import signal
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from types import FrameType

from belgenet.testing.servers.process import ManagedProcess, ServerError

_WATCH_EVERY = 0.3
_FIRST_PAUSE = 0.5
_LONGEST_PAUSE = 30.0
_STEADY_AFTER = 60.0


@dataclass
class Unit:
    """Something that runs.

    :param start: starts it and returns when it is ready; raises `ServerError`.
    :param process: its process while it runs, else None.
    :param stop: stops it; harmless when it does not run.
    """

    name: str
    start: Callable[[], None]
    stop: Callable[[], None]
    process: Callable[[], ManagedProcess | None]

    @property
    def alive(self) -> bool:
        """Whether its process runs (True for a server that is not ours)."""
        process = self.process()
        return process is None or process.alive

    @classmethod
    def of_process(
        cls, process: ManagedProcess, ready: Callable[[], bool] | None = None, timeout: float = 60
    ) -> "Unit":
        """Make a unit of a bare process, with an optional readiness check (seconds)."""

        def start() -> None:
            process.start()
            if ready is not None:
                process.wait_ready(ready, timeout)

        return cls(process.name, start, process.stop, lambda: process)


@dataclass
class _Watch:
    unit: Unit
    started: float = 0.0
    pause: float = _FIRST_PAUSE
    again_at: float | None = None


@dataclass
class Supervisor:
    """Keeps units running until it is told to stop.

    :param say: prints one line for the person who watches.
    """

    say: Callable[[str], None]
    clock: Callable[[], float] = time.monotonic
    _watched: list[_Watch] = field(default_factory=list)

    def start(self, unit: Unit) -> None:
        """Start a unit and watch over it from now on.

        :raises ServerError: when it does not start.
        """
        self._watched.append(_Watch(unit))
        unit.start()
        self._watched[-1].started = self.clock()

    def units(self) -> list[Unit]:
        """Units in the order they were started."""
        return [watch.unit for watch in self._watched]

    def pids(self) -> dict[str, int]:
        """Process ids by unit name."""
        processes = ((watch.unit.name, watch.unit.process()) for watch in self._watched)
        return {name: process.pid for name, process in processes if process is not None and process.pid}

    def watch(self, until: Callable[[], bool]) -> None:
        """Restart what dies, with growing pauses, until `until` says so."""
        while not until():
            for watch in self._watched:
                self.look_after(watch)
            time.sleep(_WATCH_EVERY)

    def look_after(self, watch: _Watch) -> None:
        """Notice a death, or start again when the pause is over."""
        now = self.clock()
        if watch.again_at is None:
            if watch.unit.alive:
                return
            if now - watch.started > _STEADY_AFTER:
                watch.pause = _FIRST_PAUSE
            self.say(f"{watch.unit.name} died; starting it again in {watch.pause:.1f} s")
            watch.again_at = now + watch.pause
            watch.pause = min(watch.pause * 2, _LONGEST_PAUSE)
        elif now >= watch.again_at:
            self._start_again(watch)

    def _start_again(self, watch: _Watch) -> None:
        watch.again_at = None
        try:
            watch.unit.stop()
            watch.unit.start()
        except (ServerError, OSError) as error:
            self.say(f"{watch.unit.name} did not start: {error}")
            watch.again_at = self.clock() + watch.pause
            watch.pause = min(watch.pause * 2, _LONGEST_PAUSE)
        else:
            watch.started = self.clock()
            self.say(f"{watch.unit.name} runs again")

    def stop(self) -> None:
        """Stop all units, the last started first; a second Ctrl-C meanwhile kills what is left."""
        with _impatience(self._kill):
            for group in self._stop_groups():
                for watch in group:
                    process = watch.unit.process()
                    if process is not None:
                        process.ask_to_stop()
                for watch in group:
                    with suppress(OSError, ServerError):
                        watch.unit.stop()
            self._watched.clear()

    def _stop_groups(self) -> list[list[_Watch]]:
        """Our own processes end side by side; the servers under them one after the other."""
        processes = [watch for watch in self._watched[::-1] if watch.unit.name.startswith(APPLICATION)]
        servers = [[watch] for watch in self._watched[::-1] if not watch.unit.name.startswith(APPLICATION)]
        return [processes, *servers]

    def _kill(self) -> None:
        for watch in self._watched:
            process = watch.unit.process()
            if process is not None:
                process.kill()


APPLICATION = ("web", "worker", "beat", "relay")
"""Names of the product's own processes; they stop before the servers they use."""


class _impatience:  # noqa: N801 - used like a function
    """While it is entered, SIGINT and SIGTERM call `react`."""

    def __init__(self, react: Callable[[], None]) -> None:
        self.react = react

    def __enter__(self) -> None:
        def handler(_number: int, _frame: FrameType | None) -> None:
            self.react()

        self.old = {number: signal.signal(number, handler) for number in (signal.SIGINT, signal.SIGTERM)}

    def __exit__(self, *_: object) -> None:
        for number, handler in self.old.items():
            signal.signal(number, handler)
