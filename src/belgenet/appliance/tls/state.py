"""What is known about the certificate, for ``doctor``, the figures and the next try; no secret stands in it."""

import json
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from belgenet.appliance.tls import files

FIRST_PAUSE: Final = timedelta(minutes=30)
LONGEST_PAUSE: Final = timedelta(hours=24)
GAP: Final = timedelta(minutes=5)
"""Between two certificates for new names: who creates tenants creates several."""
MOST_IN_A_WEEK: Final = 25
"""Certificates; below what public authorities give one domain."""


@dataclass
class Refused:
    """A name the authority could not confirm. It is asked for again, later each time, and holds up no other name."""

    reason: str
    tries: int
    again: str


@dataclass
class State:
    """Times are UTC, ISO 8601; empty: never.

    :param names: every host this server answers to.
    :param uncovered: those of them whose visitors are warned by their browsers.
    :param problem: code of what went wrong last, with ``detail``; empty when the last try went well.
    """

    mode: str = ""
    directory: str = ""
    origin: str = ""
    fingerprint: str = ""
    issuer: str = ""
    not_before: str = ""
    not_after: str = ""
    names: list[str] = field(default_factory=list)
    uncovered: list[str] = field(default_factory=list)
    refused: dict[str, Refused] = field(default_factory=dict)
    findings: list[str] = field(default_factory=list)
    problem: str = ""
    detail: str = ""
    failures: int = 0
    last_try: str = ""
    last_success: str = ""
    next_try: str = ""
    successes: list[str] = field(default_factory=list)
    checked: str = ""

    def begin(self, mode: str, directory: str) -> None:
        """Forget the failures of another way to a certificate."""
        if (mode, directory) != (self.mode, self.directory):
            self.problem = self.detail = self.next_try = ""
            self.failures, self.refused = 0, {}
        self.mode, self.directory = mode, directory

    def failed(self, problem: str, detail: str, now: datetime) -> None:
        """Note a try that brought no certificate, and wait twice as long as the last time."""
        self.problem, self.detail, self.last_try = problem, detail, text(now)
        self.failures += 1
        self.next_try = text(now + pause(self.failures))

    def succeeded(self, now: datetime) -> None:
        """Note a new certificate."""
        self.problem = self.detail = self.next_try = ""
        self.failures = 0
        self.last_try = self.last_success = text(now)
        week = now - timedelta(days=7)
        self.successes = [*(one for one in self.successes if moment(one) > week), text(now)]

    def refuse(self, name: str, reason: str, now: datetime) -> None:
        """Note a name that could not be confirmed."""
        tries = self.refused[name].tries + 1 if name in self.refused else 1
        self.refused[name] = Refused(reason, tries, text(now + pause(tries)))

    def asked_later(self, name: str, now: datetime) -> bool:
        """Whether a name is left out for now."""
        return name in self.refused and moment(self.refused[name].again) > now


def pause(failures: int) -> timedelta:
    """How long to wait after so many failures in a row."""
    return min(FIRST_PAUSE * int(2 ** min(failures - 1, 10)), LONGEST_PAUSE)


def text(moment: datetime) -> str:
    """As it stands in the file."""
    return moment.astimezone(UTC).isoformat(timespec="seconds")


def moment(written: str) -> datetime:
    """As a time; long ago when nothing is written."""
    return datetime.fromisoformat(written) if written else datetime.min.replace(tzinfo=UTC)


def read_state(file: Path) -> State:
    """What was noted last; nothing when there is no such file or it was damaged."""
    try:
        found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        known = {one.name for one in fields(State)}
        state = State(**{name: value for name, value in found.items() if name in known})
        state.refused = {name: Refused(**one) for name, one in found.get("refused", {}).items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return State()
    return state


def write_state(file: Path, state: State) -> None:
    """Note it. Everybody may read it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    files.write(file, json.dumps(asdict(state), indent=1, ensure_ascii=False) + "\n", 0o644)
