"""The order of an upgrade's steps, and the rule for one that fails or was cut short.

Until the switch nothing that serves is touched: a failure there is cleaned up. From the switch on, a failure goes back to the
release that ran before. A run that was killed is taken up by the same rule: before the switch it is cleaned up, from the switch
on it is carried to its end, forwards or, when it was going back already, backwards.
"""

from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass
from enum import StrEnum

from belgenet.appliance.upgrade.journal import BEGUN, DONE, FAILED, Journal, Run


class Outcome(StrEnum):
    """How a run ended. ``stuck``: going back failed too; the journal keeps it unfinished."""

    DONE = "done"
    CLEANED = "cleaned"
    ROLLED_BACK = "rolled_back"
    STUCK = "stuck"


@dataclass(frozen=True)
class Step:
    """One thing to do. Doing it again must be harmless: a run may be killed between the deed and the line that says so."""

    name: str
    do: Callable[[], None]


@dataclass(frozen=True)
class Plan:
    """Steps by phase. ``prepare`` touches nothing that serves, ``commit`` does, ``finish`` cannot undo a success any more."""

    prepare: Sequence[Step]
    commit: Sequence[Step]
    finish: Sequence[Step] = ()
    back: Sequence[Step] = ()
    clean: Sequence[Step] = ()


class Machine:
    """Takes the steps.

    :param tell: hears ``(phase, step, event, error)`` of each, after the journal.
    """

    def __init__(
        self,
        plan: Plan,
        journal: Journal,
        tell: Callable[[str, str, str, BaseException | None], None] = lambda *_: None,
    ) -> None:
        self._plan, self._journal, self._tell = plan, journal, tell
        self.committed = False
        """Whether the switch has begun: who wants to stop must wait from then on."""

    def run(self) -> Outcome:
        """From the first step to the end; the journal has begun the run."""
        try:
            self._take("prepare", self._plan.prepare)
        except (Exception, KeyboardInterrupt):  # noqa: BLE001 -- told and journaled by _one
            return self._clean()
        return self._commit(self._plan.commit)

    def resume(self, run: Run) -> Outcome:
        """Bring a run that was killed to its end."""
        if run.reached("back"):
            return self._back(_left(self._plan.back, run.done("back")))
        if run.reached("finish"):
            return self._finish()
        if run.reached("commit"):
            return self._commit(_left(self._plan.commit, run.done("commit")))
        return self._clean()

    def _commit(self, steps: Sequence[Step]) -> Outcome:
        self.committed = True
        try:
            self._take("commit", steps)
        except Exception:  # noqa: BLE001
            return self._back(self._plan.back)
        return self._finish()

    def _finish(self) -> Outcome:
        self.committed = True
        self._take_what_works("finish", self._plan.finish)
        return self._end(Outcome.DONE)

    def _back(self, steps: Sequence[Step]) -> Outcome:
        self.committed = True
        try:
            self._take("back", steps)
        except Exception:  # noqa: BLE001
            return Outcome.STUCK
        return self._end(Outcome.ROLLED_BACK)

    def _clean(self) -> Outcome:
        self._take_what_works("clean", self._plan.clean)
        return self._end(Outcome.CLEANED)

    def _end(self, outcome: Outcome) -> Outcome:
        self._journal.end(outcome)
        return outcome

    def _take(self, phase: str, steps: Sequence[Step]) -> None:
        for step in steps:
            self._one(phase, step)

    def _take_what_works(self, phase: str, steps: Sequence[Step]) -> None:
        for step in steps:
            try:
                self._one(phase, step)
            except Exception:  # noqa: BLE001, S112
                continue

    def _one(self, phase: str, step: Step) -> None:
        try:
            self._journal.mark(phase, step.name, BEGUN)
            self._tell(phase, step.name, BEGUN, None)
            step.do()
            self._journal.mark(phase, step.name, DONE)
        except (Exception, KeyboardInterrupt) as error:
            self._journal.mark(phase, step.name, FAILED, f"{type(error).__name__}: {error}")
            self._tell(phase, step.name, FAILED, error)
            raise
        self._tell(phase, step.name, DONE, None)


def _left(steps: Sequence[Step], done: Container[str]) -> list[Step]:
    return [step for step in steps if step.name not in done]
