"""Our services, restarted one after the other, so that somebody always serves."""

import http.client
import json
import socket
import time
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from belgenet.appliance import places
from belgenet.appliance.run import CommandError, run

ORDER: Final = ("belgenet-worker@", "belgenet-relay", "belgenet-beat", "belgenet-web@")
"""Who can do the new work comes before who asks for it; who answers visitors comes last, when the others are well."""
SETTINGS: Final = (places.CURRENT, places.ETC / "belgenet.ini")
"""Older than these a process must not be."""
_START_SECONDS: Final = 200.0
"""A worker finishes what it has begun (90 s), then the new one starts."""
_ANSWER_SECONDS: Final = 30.0

Command = Callable[[Sequence[str]], str]


class RestartError(Exception):
    """A service did not come back; those behind it in the order were left alone.

    :param unit: its name.
    """

    def __init__(self, unit: str, reason: str) -> None:
        super().__init__(f"{unit}: {reason}")
        self.unit, self.reason = unit, reason


@dataclass(frozen=True)
class Unit:
    """A service that runs or should.

    :param started: seconds since 1970; 0: it does not run.
    :param files: what systemd read to start it.
    """

    name: str
    started: int
    files: tuple[Path, ...] = ()

    def is_stale(self, settings: Iterable[Path] = SETTINGS) -> bool:
        """Whether what it runs from was changed after its start. Whole seconds: in doubt, yes."""
        changed = [file.lstat().st_mtime for file in (*self.files, *settings) if file.is_symlink() or file.exists()]
        return not self.started or any(when + 1 > self.started for when in changed)


def _systemctl(words: Sequence[str]) -> str:
    return run(["systemctl", *words], timeout=_START_SECONDS)


class Services:
    """The server's own services.

    :param systemctl: runs it with words and returns what it prints.
    :param answers: whether a web process answers on its socket.
    """

    def __init__(
        self, systemctl: Command = _systemctl, answers: Callable[[Path], bool] | None = None, pause: float = 0.2
    ) -> None:
        self._systemctl, self._answers, self._pause = systemctl, answers or answers_on, pause

    def units(self) -> list[Unit]:
        """Those that are meant to run, in the order in which they are restarted. None before the first installation is done."""
        patterns = [f"{name}*.service" if name.endswith("@") else f"{name}.service" for name in ORDER]
        listed = json.loads(
            self._systemctl(["list-units", "--all", "--type=service", "--output=json", *patterns]) or "[]"
        )
        names = [found["unit"] for found in listed if found["load"] == "loaded" and found["active"] != "inactive"]
        return [self._unit(name) for name in sorted(names, key=_place)]

    def restart(
        self,
        *,
        stale_only: bool = False,
        only: Collection[str] | None = None,
        told: Callable[[str], None] = lambda _: None,
    ) -> list[str]:
        """Restart each and wait until it works again; the names of those that were restarted.

        :param stale_only: leave alone who has started after the last change to what it runs from.
        :param only: leave alone who is none of these services (``web``, ``worker``, ...).
        :raises RestartError: one did not come back.
        """
        done = []
        for unit in self.units():
            if (stale_only and not unit.is_stale()) or (only is not None and _service(unit.name) not in only):
                continue
            told(unit.name)
            self._restart(unit.name)
            done.append(unit.name)
        return done

    def _unit(self, name: str) -> Unit:
        asked = ["ExecMainStartTimestamp", "MainPID", "FragmentPath", "DropInPaths", "EnvironmentFiles"]
        shown = self._systemctl(["show", "--timestamp=unix", *(f"--property={item}" for item in asked), name])
        said = dict(line.split("=", 1) for line in shown.splitlines() if "=" in line)
        paths = [said.get("FragmentPath", ""), *said.get("DropInPaths", "").split()]
        paths += [said.get("EnvironmentFiles", "").partition(" (")[0]]
        started = said.get("ExecMainStartTimestamp", "").removeprefix("@")
        runs = started.isdigit() and said.get("MainPID", "0") != "0"
        return Unit(name, int(started) if runs else 0, tuple(Path(path) for path in paths if path))

    def _restart(self, name: str) -> None:
        try:
            self._systemctl(["reset-failed", name])
            self._systemctl(["restart", name])
        except CommandError as error:
            raise RestartError(name, error.said) from None
        if not name.startswith("belgenet-web@"):
            return
        place = self._door(name)
        until = time.monotonic() + _ANSWER_SECONDS
        while not self._answers(place):
            if time.monotonic() > until:
                raise RestartError(name, f"no answer on {place}")
            time.sleep(self._pause)

    def _door(self, name: str) -> Path:
        """Where this web process and no other answers."""
        if folder := self._systemctl(["show", "--property=RuntimeDirectory", "--value", name]).strip():
            return Path("/run") / folder / "own.sock"
        # An older release, to which this one goes back: no process listens on another's socket.
        return Path(f"/run/belgenet/web-{name.removeprefix('belgenet-web@').removesuffix('.service')}.sock")


def _service(name: str) -> str:
    return name.removeprefix("belgenet-").removesuffix(".service").partition("@")[0]


def _place(name: str) -> tuple[int, str]:
    return next(number for number, start in enumerate(ORDER) if name.startswith(start)), name


class _OverSocket(http.client.HTTPConnection):
    def __init__(self, place: Path) -> None:
        super().__init__("localhost", timeout=_ANSWER_SECONDS)
        self._place = place

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._place))


def answers_on(place: Path) -> bool:
    """Whether a web process says on its socket that it is up."""
    line = _OverSocket(place)
    try:
        line.request("GET", "/health")
        return line.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        line.close()
