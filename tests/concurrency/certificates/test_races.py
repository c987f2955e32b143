"""Refunds, reissues and workers at the same moment: one certificate stands, and never one that was refunded."""

import random
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from tests.api.certificates.conftest import KIND, Award
from tests.api.certificates.desk import Desk


@pytest.fixture
def desk(system: Any, tenant: Any) -> Any:
    kinds = system.registry["belgenet.certifiables"].kinds
    kinds[KIND] = award = Award()
    made = Desk(system, tenant, award)
    made.make(made.first)
    yield made
    del kinds[KIND]


def at_once(*calls: Any) -> list[Any]:
    gate = Barrier(len(calls))

    def run(call: Any) -> Any:
        gate.wait()
        return call()

    with ThreadPoolExecutor(len(calls)) as pool:
        return [future.result() for future in [pool.submit(run, call) for call in calls]]


def test_a_refund_meets_the_worker_that_puts_a_new_one_in_place(desk: Any) -> None:
    """The refund waits for the old certificate's lock; when it has it, another is current, and that is the one to revoke."""
    for _ in range(6):
        if desk.valid():
            desk.reissue()
            job = desk.claim(desk.rows()[-1].id)
            assert at_once(desk.revoke, lambda job=job: desk.finish(job))[0] is True
        assert desk.valid() == []
        assert sum(row.current for row in desk.rows()) == 1
        desk.reissue()
        desk.make(desk.rows()[-1].id)
        assert len(desk.valid()) == 1


def test_a_partial_refund_meets_the_worker_that_puts_a_new_one_in_place(desk: Any) -> None:
    for _ in range(4):
        desk.reissue()
        job = desk.claim(desk.rows()[-1].id)
        before = {row.id for row in desk.rows()}
        at_once(desk.replace, lambda job=job: desk.finish(job))
        assert desk.valid() == [], "whatever was made from the facts before ends"
        (fresh,) = [row for row in desk.rows() if row.id not in before]
        assert (fresh.state, fresh.current) == ("PENDING", True)
        desk.make(fresh.id)
        assert [row.id for row in desk.valid()] == [fresh.id]


def test_administrators_who_issue_anew_at_once_leave_one(desk: Any) -> None:
    assert at_once(*[desk.reissue] * 4) == [True] * 4
    desk.make_all()
    assert len(desk.valid()) == 1
    assert [row.state for row in desk.rows()] == ["REVOKED"] * 4 + ["READY"]


@pytest.mark.parametrize("seed", range(4))
def test_everybody_at_once(desk: Any, seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(3):
        acts = chance.choices([desk.reissue, desk.replace, desk.revoke, desk.make_all], k=4)
        at_once(*acts)
        rows = desk.rows()
        assert sum(row.current for row in rows) == 1
        assert len(desk.valid()) <= 1
        assert all(row.current for row in desk.valid())
    if desk.revoke() or not desk.valid():
        desk.make_all()
    assert desk.valid() == []
