"""Two tabs, two payments: one enrollment, one completion, one certificate."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from tests.common.catalogue import course_line, make_course, place_order, settle


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    gate = threading.Barrier(len(calls))

    def run(call: Callable[[], Any]) -> Any:
        gate.wait()
        return call()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


@pytest.fixture
def learner(system, tenant):
    return system.sign_in(tenant)


def test_two_orders_of_one_course_paid_at_once_enroll_once(system, tenant, learner):
    course_id = make_course(system, tenant)
    orders = [place_order(system, tenant, learner.account_id, course_line(course_id)) for _ in range(2)]
    results = at_once(*[lambda order=order: settle(system, tenant, order) for order in orders])
    assert sorted(results, key=str) == [None, "already_owned"]
    assert system.sql("SELECT count(*) FROM enrollments WHERE state = 'active'")[0][0] == 1


def test_the_last_lesson_in_four_tabs_completes_once(system, tenant, learner):
    course_id = make_course(system, tenant, lessons=2)
    settle(system, tenant, place_order(system, tenant, learner.account_id, course_line(course_id)))
    mine = learner.client.get("/me/enrollments", status=200).json["items"][0]
    detail = learner.client.get(f"/enrollments/{mine['id']}", status=200).json
    first, last = [lesson["id"] for lesson in detail["sections"][0]["lessons"]]
    base = f"/enrollments/{mine['id']}/lessons"
    learner.client.put(f"{base}/{first}/completion", status=200)
    answers = at_once(*[lambda: learner.client.put(f"{base}/{last}/completion")] * 4)
    assert {answer.status_int for answer in answers} == {200}
    assert len({answer.json["completed_at"] for answer in answers}) == 1
    assert len({answer.json["certificate_id"] for answer in answers}) == 1
    assert system.sql("SELECT count(*) FROM certificates")[0][0] == 1
    assert system.sql("SELECT count(*) FROM lesson_completions")[0][0] == 2


def test_two_different_last_lessons_at_once_complete_the_course(system, tenant, learner):
    """Each sees the other's lesson open unless they take turns; then nobody would complete the course."""
    course_id = make_course(system, tenant, lessons=2)
    settle(system, tenant, place_order(system, tenant, learner.account_id, course_line(course_id)))
    mine = learner.client.get("/me/enrollments").json["items"][0]
    lessons = [item["id"] for item in learner.client.get(f"/enrollments/{mine['id']}").json["sections"][0]["lessons"]]
    at_once(
        *[
            lambda x=x: learner.client.put(f"/enrollments/{mine['id']}/lessons/{x}/completion", status=200)
            for x in lessons
        ]
    )
    found = learner.client.get(f"/enrollments/{mine['id']}").json
    assert found["progress_percent"] == 100
    assert found["completed_at"]
    assert system.sql("SELECT count(*) FROM certificates")[0][0] == 1
