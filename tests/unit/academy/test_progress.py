"""Progress: never backwards, 100 only at the end, and any order of lessons leads there."""

import uuid

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.common.catalogue import course_line, make_course, place_order, settle

from belgenet.academy.enrollment.services.progress import percent
from belgenet.core.security import Role


@given(lessons=st.integers(1, 500), data=st.data())
def test_percent_is_a_hundred_exactly_when_all_is_done(lessons, data):
    done = data.draw(st.integers(0, lessons))
    value = percent(done, lessons, completed=False)
    assert 0 <= value <= 100
    assert (value == 100) == (done == lessons)
    assert (value == 0) or done > 0


@given(lessons=st.integers(1, 500), data=st.data())
def test_percent_never_falls(lessons, data):
    done = data.draw(st.integers(0, lessons - 1))
    assert percent(done, lessons, completed=False) <= percent(done + 1, lessons, completed=False)


@given(done=st.integers(0, 9), lessons=st.integers(0, 9))
def test_a_completed_course_stays_completed(done, lessons):
    assert percent(done, lessons, completed=True) == 100


def test_a_course_without_lessons_is_at_its_beginning():
    assert percent(0, 0, completed=False) == 0


@settings(max_examples=8)
@given(data=st.data(), count=st.integers(1, 5))
def test_any_order_with_any_repeats_completes_once(system, tenant, data, count):
    course_id = make_course(system, tenant, title=f"Ders {uuid.uuid4()}", lessons=count)
    learner = system.sign_in(tenant, Role.STUDENT)
    settle(system, tenant, place_order(system, tenant, learner.account_id, course_line(course_id)))
    mine = learner.client.get("/me/enrollments").json["items"][0]
    found = learner.client.get(f"/enrollments/{mine['id']}").json["sections"][0]["lessons"]
    ids = [lesson["id"] for lesson in found]
    clicks = data.draw(st.permutations(ids + ids[: count // 2]))
    seen: set[str] = set()
    stamps = set()
    for lesson in clicks:
        answer = learner.client.put(f"/enrollments/{mine['id']}/lessons/{lesson}/completion", status=200).json
        seen.add(lesson)
        assert answer["progress_percent"] == 100 * len(seen) // count
        assert (answer["completed_at"] is not None) == (len(seen) == count)
        stamps.add(answer["completed_at"])
    assert len(stamps - {None}) == 1
    rows = system.sql("SELECT count(*) FROM certificates WHERE subject_id = :id", id=mine["id"])
    assert rows[0][0] == 1
