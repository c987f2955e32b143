"""Courses as visitors see them, and as their authors write them."""

import pytest
from tests.common.catalogue import make_course

from belgenet.core.security import Role

PRICE = {"amount": "1250.00", "currency": "TRY"}
TEXT = {"title": "Mahreçler", "kind": "text", "body_html": "<p>Harfler</p>", "duration_minutes": 12}


@pytest.fixture
def author(system, tenant):
    return system.sign_in(tenant, Role.INSTRUCTOR).client


@pytest.fixture
def course(author):
    return author.post("/admin/courses", {"title": "Tecvid", "price": PRICE}, status=201).json


@pytest.fixture
def section(author, course):
    return author.post(f"/admin/courses/{course['id']}/sections", {"title": "Giriş"}, status=201).json


def if_match(version):
    return {"If-Match": f'"v{version}"'}


def titles(author, course):
    found = author.get(f"/admin/courses/{course['id']}", status=200).json
    return [(item["title"], [lesson["title"] for lesson in item["lessons"]]) for item in found["sections"]]


def test_from_nothing_to_a_course_for_sale(app, author, course, section):
    assert (course["status"], course["slug"], course["tax_rate"]) == ("draft", "tecvid", "20")
    publish = f"/admin/courses/{course['id']}/publish"
    assert author.post(publish, status=409).json["code"] == "course_incomplete"
    assert app.get("/courses/tecvid").status_int == 404
    author.post(f"/admin/sections/{section['id']}/lessons", TEXT, status=201)
    assert author.post(publish, status=200).json["status"] == "published"
    found = app.get("/courses/tecvid", status=200).json
    assert found["price"] == PRICE
    assert (found["lesson_count"], found["duration_minutes"], found["enrollment_id"]) == (1, 12, None)
    assert found["sections"][0]["lessons"][0]["title"] == "Mahreçler"
    assert "body_html" not in found["sections"][0]["lessons"][0], "the lesson itself is for learners"
    assert app.get(f"/courses/{course['id']}").json == found


def test_turkish_alphabet(system, tenant, app):
    for title in ("Zekât", "İlmihal", "Irmak", "Şiir", "Siyer", "Çocuk", "Cuma", "Ağaç", "ilim"):
        make_course(system, tenant, title=title)
    listed = [item["title"] for item in app.get("/courses", status=200).json["items"]]
    assert listed == ["Ağaç", "Cuma", "Çocuk", "Irmak", "ilim", "İlmihal", "Siyer", "Şiir", "Zekât"]
    paged, cursor = [], ""
    while cursor is not None:
        page = app.get(f"/courses?limit=2{cursor}", status=200).json
        paged += [item["title"] for item in page["items"]]
        cursor = page["next"] and f"&cursor={page['next']}"
    assert paged == listed


def test_lists_cost_the_same_however_long(system, tenant, app, author):
    make_course(system, tenant)
    with system.count_queries() as few:
        app.get("/courses", status=200)
        author.get("/admin/courses", status=200)
    for number in range(6):
        make_course(system, tenant, title=f"Ders {number}")
    with system.count_queries() as many:
        assert len(app.get("/courses", status=200).json["items"]) == 7
        author.get("/admin/courses", status=200)
    assert len(many) == len(few)
    with system.count_queries() as detail:
        app.get("/courses/tecvid-dersleri", status=200)
    assert len(detail) <= 4


@pytest.mark.parametrize(
    ("dirty", "clean"),
    [
        ("<p>Bir</p><script>alert(1)</script>", "<p>Bir</p>"),
        ('<p onclick="x()">Bir</p>', "<p>Bir</p>"),
        ('<img src="https://a.example/x.png" onerror="x()">', '<img src="https://a.example/x.png">'),
        ('<a href="javascript:x()">Bir</a>', '<a rel="noopener noreferrer">Bir</a>'),
        ('<p style="position:fixed">Bir</p><style>*{}</style>', "<p>Bir</p>"),
        ("<iframe src='https://a.example'></iframe><p>Bir</p>", "<p>Bir</p>"),
        ('<a href="https://a.example">Bir</a>', '<a href="https://a.example" rel="noopener noreferrer">Bir</a>'),
    ],
)
def test_what_runs_is_taken_out_of_a_lesson(author, section, dirty, clean):
    made = author.post(f"/admin/sections/{section['id']}/lessons", {**TEXT, "body_html": dirty}, status=201).json
    assert made["body_html"] == clean


@pytest.mark.parametrize(
    "body",
    [
        {"kind": "text"},
        {"kind": "text", "body_html": "<script>x</script>"},
        {"kind": "video"},
        {"kind": "video", "video_url": "http://a.example/v.mp4"},
        {
            "kind": "video",
            "video_url": "https://a.example/v.mp4",
            "video_file_id": "0195f3a2-0000-7000-8000-000000000001",
        },
        {"kind": "audio"},
        {"kind": "text", "body_html": "x", "duration_minutes": -1},
    ],
)
def test_a_lesson_without_fitting_content_is_refused(author, section, body):
    refused = author.post(f"/admin/sections/{section['id']}/lessons", {"title": "Ders", **body}, status=400).json
    assert refused["code"] == "invalid_input"
    assert refused["errors"]


def test_a_lesson_changes_its_kind_with_its_content(author, section):
    made = author.post(f"/admin/sections/{section['id']}/lessons", TEXT, status=201).json
    path = f"/admin/lessons/{made['id']}"
    assert author.patch(path, {"kind": "video"}, status=400).json["errors"][0]["code"] == "one_video_source"
    video = author.patch(path, {"kind": "video", "video_url": "https://a.example/v.mp4"}, status=200).json
    assert (video["body_html"], video["video_url"]) == (None, "https://a.example/v.mp4")
    text = author.patch(path, {"kind": "text", "body_html": "<p>Geri</p>"}, status=200).json
    assert (text["body_html"], text["video_url"]) == ("<p>Geri</p>", None)
    assert author.patch(path, {"title": "Yeni ad"}, status=200).json["body_html"] == "<p>Geri</p>"


def test_moving_and_removing_keeps_the_order(author, course, section):
    for title in ("A", "B", "C"):
        author.post(f"/admin/sections/{section['id']}/lessons", {**TEXT, "title": title}, status=201)
    first = author.post(f"/admin/courses/{course['id']}/sections", {"title": "Önsöz", "position": 0}, status=201).json
    assert titles(author, course) == [("Önsöz", []), ("Giriş", ["A", "B", "C"])]
    found = author.get(f"/admin/courses/{course['id']}").json["sections"][1]["lessons"]
    author.patch(f"/admin/lessons/{found[2]['id']}", {"position": 0}, status=200)
    assert titles(author, course)[1] == ("Giriş", ["C", "A", "B"])
    author.delete(f"/admin/lessons/{found[0]['id']}", status=204)
    author.patch(f"/admin/sections/{first['id']}", {"position": 9, "title": "Sonsöz"}, status=200)
    assert titles(author, course) == [("Giriş", ["C", "B"]), ("Sonsöz", [])]
    author.delete(f"/admin/sections/{section['id']}", status=204)
    assert titles(author, course) == [("Sonsöz", [])]
    assert author.patch(f"/admin/lessons/{found[1]['id']}", {"title": "X"}).status_int == 404


def test_changes_need_the_version_they_change(author, course):
    path = f"/admin/courses/{course['id']}"
    assert author.patch(path, {"title": "X"}, status=428).json["code"] == "version_required"
    changed = author.patch(path, {"title": "Tecvid II", "tax_rate": "10"}, headers=if_match(1), status=200)
    assert changed.headers["ETag"] == '"v2"'
    assert author.patch(path, {"title": "X"}, headers=if_match(1), status=412).json["code"] == "version_mismatch"


@pytest.mark.parametrize(
    "body",
    [
        {"price": {"amount": "-5.00", "currency": "TRY"}},
        {"price": {"amount": "1.999", "currency": "TRY"}},
        {"price": "100"},
        {"tax_rate": "101"},
        {"tax_rate": "-1"},
        {"title": "x" * 201},
        {"title": ""},
        {"slug": "../x"},
        {"image_url": "data:text/html,x"},
    ],
)
def test_wrong_fields_are_named(author, body):
    whole = {"title": "Tecvid", "price": PRICE, **body}
    refused = author.post("/admin/courses", whole, status=400).json
    assert refused["code"] == "invalid_input"
    assert refused["errors"][0]["field"].split(".")[0] == next(iter(body))


def test_a_taken_slug(author, course):
    body = {"title": "Başka", "slug": "tecvid", "price": PRICE}
    assert author.post("/admin/courses", body, status=409).json["code"] == "slug_taken"
    assert author.post("/admin/courses", {"title": "Tecvid", "price": PRICE}, status=201).json["slug"] == "tecvid-2"


def test_an_archived_course_is_no_longer_for_sale(system, tenant, app, author):
    course_id = make_course(system, tenant)
    path = f"/admin/courses/{course_id}"
    version = author.get(path).json["version"]
    author.patch(path, {"status": "archived"}, headers=if_match(version), status=200)
    assert app.get(f"/courses/{course_id}").status_int == 404
    assert app.get("/courses").json["items"] == []


def test_every_change_is_on_record(system, author, course, section):
    lesson = author.post(f"/admin/sections/{section['id']}/lessons", TEXT, status=201).json
    author.patch(f"/admin/lessons/{lesson['id']}", {"title": "Yeni"}, status=200)
    author.delete(f"/admin/lessons/{lesson['id']}", status=204)
    actions = [row.action for row in system.sql("SELECT action FROM audit_events ORDER BY id")]
    assert actions == ["course.create", "section.create", "lesson.create", "lesson.update", "lesson.remove"]


@pytest.mark.parametrize("role", [Role.STUDENT, Role.DONOR, Role.GUEST, Role.OPERATOR])
def test_others_change_nothing(system, tenant, course, section, role):
    client = system.sign_in(tenant, role).client
    assert client.get("/admin/courses").status_int == 403
    assert client.get(f"/admin/courses/{course['id']}").status_int == 403
    assert client.post(f"/admin/sections/{section['id']}/lessons", TEXT).status_int == 403


def test_another_tenants_authors_find_nothing(system, other_tenant, course, section):
    stranger = system.sign_in(other_tenant, Role.TENANT_ADMIN).client
    assert stranger.get(f"/admin/courses/{course['id']}").status_int == 404
    assert stranger.post(f"/admin/sections/{section['id']}/lessons", TEXT).status_int == 404
    assert stranger.get("/admin/courses").json["items"] == []
