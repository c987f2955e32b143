"""Films of lessons: uploaded by authors, seen by learners, kept while a lesson shows them."""

import hashlib
import uuid

import pytest
from tests.common.catalogue import course_line, make_course, place_order, settle
from webtest import Upload

from belgenet.core.security import Role

WEBM = (
    b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\xf7\x81\x01\x42\xf2\x81\x04\x42\xf3\x81\x08\x42\x82\x84webm"
    + b"\0" * 600
)
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + b"\0" * 300


@pytest.fixture
def author(system, tenant):
    return system.sign_in(tenant, Role.INSTRUCTOR)


@pytest.fixture
def section(system, tenant, author):
    course_id = make_course(system, tenant, lessons=1)
    return author.client.get(f"/admin/courses/{course_id}").json["sections"][0] | {"course_id": course_id}


def upload(person, data, name="film.webm"):
    client = person.client
    headers = {"Authorization": f"Bearer {client.token}", "Host": client.host}
    path = "/api/v1/files/upload?purpose=course_material"
    return client.app.post(path, {"file": Upload(name, data)}, headers=headers, status=201).json["id"]


def add(person, section, file_id, **options):
    body = {"title": "Film", "kind": "video", "video_file_id": file_id, "duration_minutes": 2}
    return person.client.post(f"/admin/sections/{section['id']}/lessons", body, **options)


def test_a_learner_watches_what_an_author_uploaded(system, tenant, author, section):
    file_id = upload(author, WEBM)
    lesson = add(author, section, file_id, status=201).json
    assert (lesson["video_file_id"], lesson["video_url"]) == (file_id, None)
    learner = system.sign_in(tenant, Role.STUDENT)
    settle(system, tenant, place_order(system, tenant, learner.account_id, course_line(section["course_id"])))
    mine = learner.client.get("/me/enrollments").json["items"][0]
    shown = learner.client.get(f"/enrollments/{mine['id']}", status=200).json["sections"][0]["lessons"][1]
    assert shown["video_url"].startswith("http")
    assert learner.client.get(f"/files/{file_id}").status_int == 200
    stranger = system.sign_in(tenant, Role.STUDENT)
    assert stranger.client.get(f"/files/{file_id}").status_int == 404


def test_the_link_leads_to_the_film(system, tenant, author, section):
    import urllib3

    add(author, section, upload(author, WEBM), status=201)
    learner = system.sign_in(tenant, Role.STUDENT)
    settle(system, tenant, place_order(system, tenant, learner.account_id, course_line(section["course_id"])))
    mine = learner.client.get("/me/enrollments").json["items"][0]
    url = learner.client.get(f"/enrollments/{mine['id']}").json["sections"][0]["lessons"][1]["video_url"]
    with urllib3.PoolManager() as pool:
        answer = pool.request("GET", url)
    assert hashlib.sha256(answer.data).digest() == hashlib.sha256(WEBM).digest()


def test_many_films_cost_no_more_queries(system, tenant, author, section):
    learner = system.sign_in(tenant, Role.STUDENT)
    settle(system, tenant, place_order(system, tenant, learner.account_id, course_line(section["course_id"])))
    mine = learner.client.get("/me/enrollments").json["items"][0]
    add(author, section, upload(author, WEBM), status=201)
    with system.count_queries() as few:
        learner.client.get(f"/enrollments/{mine['id']}", status=200)
    for number in range(3):
        add(author, section, upload(author, WEBM + bytes([number])), status=201)
    with system.count_queries() as many:
        learner.client.get(f"/enrollments/{mine['id']}", status=200)
    assert len(many) == len(few)


def test_a_picture_is_no_film_and_an_unknown_file_none_at_all(system, author, section):
    assert add(author, section, upload(author, PNG, "resim.png"), status=400).json["errors"][0]["code"] == "not_a_video"
    assert add(author, section, str(uuid.uuid4()), status=400).json["code"] == "invalid_input"
    assert system.sql("SELECT count(*) FROM lessons WHERE kind = 'video'")[0][0] == 0


def test_a_film_in_use_stays_until_another_takes_its_place(system, author, section):
    first, second = upload(author, WEBM), upload(author, WEBM + b"2")
    lesson = add(author, section, first, status=201).json
    assert author.client.delete(f"/files/{first}").status_int == 409
    author.client.patch(f"/admin/lessons/{lesson['id']}", {"video_file_id": second}, status=200)
    assert author.client.delete(f"/files/{first}").status_int == 204
    assert author.client.delete(f"/files/{second}").status_int == 409


def test_one_film_in_two_lessons_is_refused(author, section):
    file_id = upload(author, WEBM)
    add(author, section, file_id, status=201)
    assert add(author, section, file_id, status=409).json["code"] == "file_in_use"
