"""Any sequence of what can happen to a certificate, on the real database: its states are those of a model of a few lines."""

from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from tests.api.certificates.conftest import Award
from tests.api.certificates.desk import Desk

WAITING = {"PENDING", "FAILED"}


def make_machine(  # noqa: C901 - a machine is its rules
    system: Any, tenant: Any, award: Award
) -> type[RuleBasedStateMachine]:
    """A machine over this test's tenant; each run has a subject of its own."""

    class Standing(RuleBasedStateMachine):
        """``state`` is the current certificate's, ``coming`` that of the one in the making for its place."""

        def __init__(self) -> None:
            super().__init__()
            self.desk = Desk(system, tenant, award)
            self.state, self.coming = "PENDING", ""

        @property
        def _next(self) -> Any:
            """The one a worker would make: the successor, else the current one."""
            rows = self.desk.rows()
            return next((row for row in rows if row.replaces), None) or next(row for row in rows if row.current)

        @rule()
        def asked_again(self) -> None:
            current = next(row.id for row in self.desk.rows() if row.current)
            assert self.desk.office.ask(self.desk.wanted) == current

        @rule()
        def issued_anew(self) -> None:
            self.desk.reissue()
            if self.state == "READY":
                self.coming = "PENDING"
            else:
                self.state = "PENDING"

        @rule()
        def partly_refunded(self) -> None:
            assert (self.desk.replace() is None) == (self.state == "REVOKED")
            if self.state != "REVOKED":
                self.state, self.coming = "PENDING", ""

        @rule()
        def refunded(self) -> None:
            assert self.desk.revoke() == (self.state != "REVOKED")
            self.state, self.coming = "REVOKED", ""

        @rule()
        def tried_again(self) -> None:
            self.desk.retry()
            self.state = "PENDING" if self.state == "FAILED" else self.state

        @precondition(lambda self: (self.coming or self.state) in WAITING)
        @rule(outcome=st.sampled_from(["made", "failed", "put off", "overtaken"]))
        def worked_on(self, outcome: str) -> None:
            job = self.desk.claim(self._next.id)
            assert job is not None
            if outcome == "overtaken":
                self.refunded()
                assert not self.desk.finish(job)
            elif outcome == "made":
                assert self.desk.finish(job)
                assert not self.desk.finish(job), "twice is once"
                self.state, self.coming = "READY", ""
            else:
                self.desk.fail(job, final=outcome == "failed")
                after = "FAILED" if outcome == "failed" else "PENDING"
                self.state, self.coming = (self.state, after) if self.coming else (after, "")

        @invariant()
        def agrees_with_the_model(self) -> None:
            rows = self.desk.rows()
            (current,) = [row for row in rows if row.current]
            coming = [row.state for row in rows if row.replaces]
            assert (current.state, coming) == (self.state, [self.coming] if self.coming else [])
            assert [row.id for row in rows if row.state == "READY"] == ([current.id] if self.state == "READY" else [])

        @invariant()
        def what_was_replaced_says_by_what(self) -> None:
            rows = {row.id: row for row in self.desk.rows()}
            for row in rows.values():
                assert row.replaces is None or rows[row.replaces].current
                assert row.replaced_by is None or (not row.current and row.state == "REVOKED")
                assert row.ready_at is None or (row.number and row.sha256)
            numbers = [row.number for row in rows.values() if row.number]
            assert len(numbers) == len(set(numbers))

    return Standing


def test_certificates_behave_like_the_model(system: Any, tenant: Any, award: Award) -> None:
    run_state_machine_as_test(
        make_machine(system, tenant, award),
        settings=settings(
            max_examples=25, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
