"""What was seen and told before. A thing is told when it was seen twice, when it is gone, and once a day while it stays."""

import json
from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from belgenet.appliance.doctor.finding import Finding, Level

STATE: Final = Path("/var/lib/belgenet/alert/state.json")
TWICE: Final = 2
AGAIN: Final = timedelta(hours=24)
SELDOM: Final = timedelta(hours=24)


@dataclass
class Seen:
    """One finding over time.

    :param times: looks in a row at which it was there.
    :param absent: looks in a row at which it was not, since it was told.
    :param told: when a mail spoke of it last; None: not yet.
    """

    code: str
    level: str
    subject: str
    params: dict[str, Any]
    check: str
    first: str
    times: int = 0
    absent: int = 0
    told: str | None = None

    def finding(self) -> Finding:
        """As the doctor gave it."""
        return Finding(self.code, Level(self.level), self.subject, self.params)


@dataclass
class Step:
    """What has to be told now."""

    appeared: list[Seen] = field(default_factory=list)
    gone: list[Seen] = field(default_factory=list)
    reminded: list[Seen] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.appeared or self.gone or self.reminded)


@dataclass
class Memory:
    """Everything that is known, by the findings' keys.

    :param seldom_at: when the costly checks were made last.
    """

    seen: dict[str, Seen] = field(default_factory=dict)
    seldom_at: str = ""

    @classmethod
    def read(cls, file: Path = STATE) -> "Memory":
        """From the disk; a damaged file is a new beginning, which at worst tells something again."""
        try:
            known = json.loads(file.read_text(encoding="utf-8"))
            return cls({key: Seen(**entry) for key, entry in known["seen"].items()}, known["seldom_at"])
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return cls()

    def write(self, file: Path = STATE) -> None:
        """To the disk; a crash leaves the old one or the new one."""
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = file.with_suffix(".draft")
        known = {"seen": {key: asdict(entry) for key, entry in self.seen.items()}, "seldom_at": self.seldom_at}
        draft.write_text(json.dumps(known, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        draft.replace(file)

    def seldom_due(self, now: datetime) -> bool:
        """Whether the costly checks are to be made at this look."""
        return not self.seldom_at or now - datetime.fromisoformat(self.seldom_at) >= SELDOM

    def look(
        self, found: Iterable[tuple[str, Finding]], looked: Collection[str], now: datetime, *, seldom: bool = False
    ) -> Step:
        """Take in what a look has found.

        :param found: name of the check and what it found; notes are left out.
        :param looked: names of the checks that were made. What another check found before stays as it is.
        :param seldom: the costly checks were among them.
        """
        if seldom:
            self.seldom_at = now.isoformat(timespec="seconds")
        present = {item.key: (check, item) for check, item in found if item.level is not Level.INFO}
        for key, (check, item) in present.items():
            self._note(key, check, item, now, sure=seldom and check in _SURE)
        for key, seen in list(self.seen.items()):
            if key not in present and seen.check in looked:
                seen.absent, seen.times = seen.absent + 1, 0
                if seen.told is None:
                    del self.seen[key]
        return self._step(now)

    def told(self, step: Step, now: datetime) -> None:
        """The mail of a step was accepted."""
        for seen in (*step.appeared, *step.reminded):
            seen.told = now.isoformat(timespec="seconds")
        gone = {id(seen) for seen in step.gone}
        self.seen = {key: seen for key, seen in self.seen.items() if id(seen) not in gone}

    def _note(self, key: str, check: str, item: Finding, now: datetime, *, sure: bool) -> None:
        first = now.isoformat(timespec="seconds")
        seen = self.seen.setdefault(key, Seen(item.code, item.level.value, item.subject, {}, check, first))
        worse = seen.level == Level.WARNING and item.level is Level.ERROR
        seen.level, seen.params, seen.check = item.level.value, dict(item.params), check
        seen.times, seen.absent = (TWICE if sure else seen.times + 1), 0
        if worse and seen.told is not None:  # told as a warning; that it is an error now is news
            seen.told, seen.times = None, TWICE

    def _step(self, now: datetime) -> Step:
        step = Step()
        for seen in self.seen.values():
            if seen.told is None:
                if seen.times >= TWICE:
                    step.appeared.append(seen)
            elif seen.absent >= TWICE:
                step.gone.append(seen)
            elif not seen.absent and now - datetime.fromisoformat(seen.told) >= AGAIN:
                step.reminded.append(seen)
        return step


_SURE: Final = frozenset({"release"})
"""Checks that are made once a day: their findings do not come and go, and are told at once."""
