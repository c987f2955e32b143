"""What an upgrade has done so far, on disk before the next thing is done."""

import errno
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

BEGUN, DONE, FAILED = "begun", "done", "failed"
_BALLAST: Final = 64 * 1024
"""Bytes kept back, so that a full disk can still be written down."""


@dataclass(frozen=True)
class Mark:
    """One step's line."""

    phase: str
    step: str
    event: str


@dataclass
class Run:
    """One upgrade or rollback as the journal tells it.

    :param outcome: empty while it is under way, and when it was killed.
    """

    kind: str
    old: str
    new: str
    options: dict[str, Any] = field(default_factory=dict)
    began: str = ""
    marks: list[Mark] = field(default_factory=list)
    outcome: str = ""

    def reached(self, phase: str) -> bool:
        """Whether a step of the phase has begun."""
        return any(mark.phase == phase for mark in self.marks)

    def done(self, phase: str) -> set[str]:
        """Names of the steps of a phase that came to their end. After a failure somebody has repaired something: none did."""
        marks = [mark for mark in self.marks if mark.phase == phase]
        failed = max((number for number, mark in enumerate(marks) if mark.event == FAILED), default=-1)
        return {mark.step for mark in marks[failed + 1 :] if mark.event == DONE}


class Journal:
    """Lines of JSON in ``folder``; each is on the disk when the method that wrote it returns.

    A file named ``unfinished`` stands beside it while a run is under way: systemd looks for it at boot.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.file = folder / "journal.jsonl"
        self.marker = folder / "unfinished"
        self._ballast = folder / "ballast"

    def begin(self, kind: str, old: str, new: str, options: dict[str, Any]) -> None:
        """A run starts. :raises OSError: the disk is full already."""
        self._folder.mkdir(mode=0o750, parents=True, exist_ok=True)
        self._ballast.write_bytes(b"\0" * _BALLAST)
        self.marker.touch()
        self._append({"event": "run", "kind": kind, "old": old, "new": new, "options": options})

    def mark(self, phase: str, step: str, event: str, detail: str = "") -> None:
        """A step begins, or ended."""
        self._append({"event": event, "phase": phase, "step": step, **({"detail": detail[-2000:]} if detail else {})})

    def end(self, outcome: str) -> None:
        """The run is over."""
        self._append({"event": "end", "outcome": outcome})
        self.forget()

    def forget(self) -> None:
        """Nothing is under way."""
        self.marker.unlink(missing_ok=True)
        self._ballast.unlink(missing_ok=True)

    def last(self) -> Run | None:
        """The newest run; None when there was none."""
        found: Run | None = None
        for line in self._lines():
            if line["event"] == "run":
                found = Run(line["kind"], line["old"], line["new"], line["options"], line["at"])
            elif found and line["event"] == "end":
                found.outcome = line["outcome"]
            elif found:
                found.marks.append(Mark(line["phase"], line["step"], line["event"]))
        return found

    def unfinished(self) -> Run | None:
        """The run that did not come to its end."""
        run = self.last()
        return run if run and not run.outcome else None

    def _lines(self) -> Iterator[dict[str, Any]]:
        try:
            text = self.file.read_text(encoding="utf-8", errors="replace")
        except FileNotFoundError:
            return
        for line in text.splitlines():
            try:
                yield json.loads(line)
            except ValueError:  # the power went while it was written: it was not acted on
                continue

    def _append(self, line: dict[str, Any]) -> None:
        text = json.dumps({"at": datetime.now(UTC).isoformat(timespec="milliseconds"), **line}, ensure_ascii=False)
        try:
            self._write(text)
        except OSError as error:
            if error.errno != errno.ENOSPC or not self._ballast.exists():
                raise
            self._ballast.unlink()
            self._write(text)

    def _write(self, text: str) -> None:
        with self.file.open("ab+") as file:
            size = file.seek(0, os.SEEK_END)
            torn = False
            if size:
                file.seek(size - 1)
                torn = file.read(1) != b"\n"
            file.write(("\n" if torn else "").encode() + text.encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
