"""Buying a course, working through it, earning its certificate."""

import uuid
from zoneinfo import ZoneInfo

import pytest
from tests.common.catalogue import course_line, make_course, place_order, settle

from belgenet.academy.catalog.schemas import LessonIn
from belgenet.academy.catalog.services import contents
from belgenet.academy.enrollment.services.certifiable import CourseCompletion
from belgenet.academy.enrollment.services.enroll import move_to_account
from belgenet.core.security import Role


@pytest.fixture
def course_id(system, tenant):
    return make_course(system, tenant)


@pytest.fixture
def learner(system, tenant):
    return system.sign_in(tenant, Role.STUDENT)


@pytest.fixture
def order_id(system, tenant, learner, course_id):
    found = place_order(system, tenant, learner.account_id, course_line(course_id))
    assert settle(system, tenant, found) is None
    return found


@pytest.fixture
def enrollment(learner, order_id):
    (found,) = learner.client.get("/me/enrollments", status=200).json["items"]
    return found


def lessons(learner, enrollment):
    found = learner.client.get(f"/enrollments/{enrollment['id']}", status=200).json
    return [lesson for section in found["sections"] for lesson in section["lessons"]]


def complete(learner, enrollment, lesson, **options):
    return learner.client.put(f"/enrollments/{enrollment['id']}/lessons/{lesson['id']}/completion", **options)


def test_an_order_enrolls_when_it_is_paid_and_not_before(system, tenant, learner, course_id):
    placed = learner.client.post("/orders", {"lines": [course_line(course_id)]}, status=201).json
    assert placed["total"]["amount"] == "750.00"
    assert system.sql("SELECT net_minor, tax_minor FROM order_lines") == [(62500, 12500)]
    assert learner.client.get("/me/enrollments").json["items"] == []
    settle(system, tenant, uuid.UUID(placed["id"]))
    (mine,) = learner.client.get("/me/enrollments").json["items"]
    assert mine["course"]["title"] == "Tecvid Dersleri"
    assert (mine["progress_percent"], mine["completed_at"], mine["certificate_id"]) == (0, None, None)
    assert learner.client.get("/courses/tecvid-dersleri").json["enrollment_id"] == mine["id"]


def test_once_is_enough(learner, course_id, order_id):
    body = {"lines": [course_line(course_id)]}
    assert learner.client.post("/orders", body, status=409).json["code"] == "already_owned"


def test_two_of_one_course_make_no_sense(learner, course_id):
    body = {"lines": [{**course_line(course_id), "quantity": 2}]}
    assert learner.client.post("/orders", body, status=400).json["errors"][0]["code"] == "quantity_one"


def test_what_is_not_for_sale(system, learner, course_id):
    body = {"lines": [course_line(course_id)]}
    system.sql("UPDATE courses SET status = 'archived'")
    assert learner.client.post("/orders", body, status=409).json["code"] == "course_not_published"
    system.sql("UPDATE courses SET status = 'draft'")
    assert learner.client.post("/orders", body, status=404).json["code"] == "sellable_not_found"
    for ref in ("ders", str(uuid.uuid4())):
        wrong = {"lines": [{**course_line(course_id), "ref": ref}]}
        assert learner.client.post("/orders", wrong, status=404).json["code"] == "sellable_not_found"


def test_step_by_step_to_the_certificate(system, learner, enrollment):
    first, second, third = lessons(learner, enrollment)
    assert first["body_html"] == "<p>Ders 1</p>"
    assert complete(learner, enrollment, first, status=200).json["progress_percent"] == 33
    assert complete(learner, enrollment, first, status=200).json["progress_percent"] == 33
    assert complete(learner, enrollment, second, status=200).json["progress_percent"] == 66
    assert system.sql("SELECT count(*) FROM certificates")[0][0] == 0
    done = complete(learner, enrollment, third, status=200).json
    assert done["progress_percent"] == 100
    assert done["completed_at"]
    (row,) = system.sql("SELECT id, kind, subject_id, owner_id, recipient, email FROM certificates")
    assert str(row.id) == done["certificate_id"]
    assert (row.kind, str(row.subject_id)) == ("course_completion", enrollment["id"])
    assert (row.owner_id, row.recipient, row.email) == (learner.account_id, "Ayşe Işık", learner.email)
    again = complete(learner, enrollment, third, status=200).json
    assert again["completed_at"] == done["completed_at"]
    assert system.sql("SELECT count(*) FROM certificates")[0][0] == 1
    assert all(lesson["completed_at"] for lesson in lessons(learner, enrollment))


def test_a_course_that_grows_does_not_take_completion_back(system, tenant, learner, enrollment):
    for lesson in lessons(learner, enrollment):
        complete(learner, enrollment, lesson, status=200)
    with system.request(tenant) as request:
        course_id = uuid.UUID(enrollment["course"]["id"])
        section = contents.chapters(request.db, course_id, bodies=False)[0].section
        contents.add_lesson(request.db, section, LessonIn(title="Ek", kind="text", body_html="<p>Ek</p>"))
    found = learner.client.get(f"/enrollments/{enrollment['id']}").json
    assert (found["progress_percent"], len(found["sections"][0]["lessons"])) == (100, 4)
    assert found["completed_at"]


def test_a_removed_lesson_no_longer_counts(system, tenant, learner, enrollment):
    first, second, third = lessons(learner, enrollment)
    complete(learner, enrollment, first, status=200)
    author = system.sign_in(tenant, Role.INSTRUCTOR).client
    author.delete(f"/admin/lessons/{third['id']}", status=204)
    assert complete(learner, enrollment, third).status_int == 404
    assert learner.client.get(f"/enrollments/{enrollment['id']}").json["progress_percent"] == 50
    assert complete(learner, enrollment, second, status=200).json["progress_percent"] == 100


def test_lessons_are_for_the_enrolled(system, tenant, app, learner, enrollment):
    path = f"/enrollments/{enrollment['id']}"
    lesson = lessons(learner, enrollment)[0]
    stranger = system.sign_in(tenant)
    assert app.get(path).status_int == 401
    assert stranger.client.get(path).status_int == 404
    assert complete(stranger, enrollment, lesson).status_int == 404
    assert stranger.client.get("/me/enrollments").json["items"] == []
    boss = system.sign_in(tenant, Role.TENANT_ADMIN)
    assert boss.client.get(path).status_int == 200
    assert complete(boss, enrollment, lesson).status_int == 403, "nobody learns for another"


def test_another_tenants_admin_finds_nothing(system, other_tenant, learner, enrollment):
    boss = system.sign_in(other_tenant, Role.TENANT_ADMIN).client
    assert boss.get(f"/enrollments/{enrollment['id']}").status_int == 404


def test_a_lesson_of_another_course_is_not_found(system, tenant, learner, enrollment):
    make_course(system, tenant, title="Başka")
    other = system.sql(
        "SELECT l.id FROM lessons l JOIN courses c ON c.id = l.course_id WHERE c.title = 'Başka' LIMIT 1"
    )[0].id
    assert complete(learner, enrollment, {"id": other}).status_int == 404
    assert complete(learner, enrollment, {"id": uuid.uuid4()}).status_int == 404


def test_a_refund_ends_it_and_revokes_the_certificate(system, tenant, learner, enrollment, order_id, course_id):
    for lesson in lessons(learner, enrollment):
        complete(learner, enrollment, lesson, status=200)
    settle(system, tenant, order_id, "revoke")
    assert learner.client.get(f"/enrollments/{enrollment['id']}").status_int == 404
    assert learner.client.get("/me/enrollments").json["items"] == []
    assert system.sql("SELECT state FROM certificates")[0].state == "REVOKED"
    again = place_order(system, tenant, learner.account_id, course_line(course_id))
    assert settle(system, tenant, again) is None
    (mine,) = learner.client.get("/me/enrollments").json["items"]
    assert (mine["id"] != enrollment["id"], mine["progress_percent"]) == (True, 0)


def test_an_archived_course_stays_with_its_learners(system, learner, enrollment):
    system.sql("UPDATE courses SET status = 'archived'")
    assert lessons(learner, enrollment)
    assert learner.client.get("/me/enrollments", status=200).json["items"]


def test_my_courses_cost_the_same_however_many(system, tenant, learner, enrollment):
    with system.count_queries() as few:
        learner.client.get("/me/enrollments", status=200)
    for number in range(4):
        course_id = make_course(system, tenant, title=f"Ders {number}")
        settle(system, tenant, place_order(system, tenant, learner.account_id, course_line(course_id)))
    with system.count_queries() as many:
        assert len(learner.client.get("/me/enrollments", status=200).json["items"]) == 5
    assert len(many) == len(few)


def test_completions_are_kept_for_ever(system, learner, enrollment):
    complete(learner, enrollment, lessons(learner, enrollment)[0], status=200)
    for statement in ("DELETE FROM lesson_completions", "UPDATE lesson_completions SET completed_at = now()"):
        with pytest.raises(Exception, match=r"append-only|permission denied"):
            system.sql(statement)


def test_a_guests_course_moves_to_the_registered_account(system, tenant, learner, enrollment):
    registered = system.sign_in(tenant, Role.STUDENT)
    for _ in range(2):
        with system.request(tenant) as request:
            move_to_account(request.db, from_account=learner.account_id, to_account=registered.account_id)
    assert [item["id"] for item in registered.client.get("/me/enrollments").json["items"]] == [enrollment["id"]]


def test_what_the_certificate_says(system, tenant, learner, enrollment, order_id):
    certifiable = CourseCompletion()
    with system.request(tenant) as request:
        assert certifiable.earned_by_order(request.db, order_id) == []
    for lesson in lessons(learner, enrollment):
        complete(learner, enrollment, lesson, status=200)
    system.sql("UPDATE enrollments SET completed_at = '2026-11-21T22:30:00Z'")
    with system.request(tenant) as request:
        (wanted,) = certifiable.earned_by_order(request.db, order_id)
        facts = certifiable.facts(request.db, wanted.subject_id, "tr", ZoneInfo("Europe/Istanbul"))
        english = certifiable.facts(request.db, wanted.subject_id, "en", ZoneInfo("America/New_York"))
    assert facts.title == "Tecvid Dersleri"
    assert {fact.label: fact.value for fact in facts.facts[1:]} == {"Ders sayısı": "3", "Süre": "30 dakika"}
    assert (facts.facts[0].label, facts.facts[0].value) == ("Tamamlama tarihi", "22 Kasım 2026"), (
        "the institution's day"
    )
    assert english.facts[0].value == "21 November 2026"
    assert english.facts[2].value == "30 minutes"
