from belgenet.academy.catalog.models import Course, CourseSection, Lesson
from belgenet.academy.catalog.resources import CourseNode, CoursesNode, LessonNode, SectionNode
from belgenet.academy.catalog.schemas import (
    AdminCourseCard,
    AdminCourseOut,
    AdminLessonOut,
    AdminSectionOut,
    CourseIn,
    CoursePatch,
    LessonIn,
    LessonPatch,
    SectionIn,
    SectionPatch,
)
from belgenet.academy.catalog.services import cards, contents, courses, media
from belgenet.core import audit
from belgenet.core.security import Permission
from belgenet.core.web.etag import require_version
from belgenet.core.web.pagination import Page, PageQuery
from belgenet.core.web.request import Request
from belgenet.core.web.service import TenantService, path_id
from belgenet.files.interfaces import FileLibrary

MANAGE = Permission.COURSE_MANAGE
TAG = "academy-admin"
COURSE = "/admin-courses/{course_id}"

course_list = TenantService("admin_courses", "/admin/courses", traverse="/admin-courses", tag=TAG)
course = TenantService("admin_course", f"/admin/courses/{path_id('course_id')}", traverse=COURSE, tag=TAG)
publishing = TenantService(
    "admin_course_publish", f"/admin/courses/{path_id('course_id')}/publish", traverse=COURSE, tag=TAG
)
sections = TenantService("admin_sections", f"/admin/courses/{path_id('course_id')}/sections", traverse=COURSE, tag=TAG)
section = TenantService(
    "admin_section", f"/admin/sections/{path_id('section_id')}", traverse="/sections/{section_id}", tag=TAG
)
lessons = TenantService(
    "admin_lessons", f"/admin/sections/{path_id('section_id')}/lessons", traverse="/sections/{section_id}", tag=TAG
)
lesson = TenantService(
    "admin_lesson", f"/admin/lessons/{path_id('lesson_id')}", traverse="/lessons/{lesson_id}", tag=TAG
)


@course_list.get(permission=MANAGE, context=CoursesNode, query=PageQuery, out=Page[AdminCourseCard])
def list_admin_courses(request: Request) -> Page[AdminCourseCard]:
    """All courses, drafts and archived ones too."""
    rows, cursor = courses.list_all(request.db, request.validated["query"])
    found = cards.cards(request.db, rows)
    return Page(items=[_card(row, card.model_dump()) for row, card in zip(rows, found, strict=True)], next=cursor)


@course_list.post(
    permission=MANAGE, context=CoursesNode, body=CourseIn, out=AdminCourseOut, status=201, idempotent=True
)
def create_course(request: Request) -> AdminCourseOut:
    """Add a course as a draft."""
    row = courses.create(request.db, request.validated["body"])
    after = {"slug": row.slug, "title": row.title, "price_minor": row.price_minor, "currency": row.currency}
    audit.record(request, "course.create", "course", row.id, after=after)
    return _out(request, row)


@course.get(permission=MANAGE, context=CourseNode, out=AdminCourseOut)
def get_admin_course(request: Request) -> AdminCourseOut:
    """A course with all its lessons."""
    return _out(request, request.context.row)


@course.patch(permission=MANAGE, context=CourseNode, body=CoursePatch, out=AdminCourseOut)
def patch_course(request: Request) -> AdminCourseOut:
    """Change a course. Needs ``If-Match``."""
    row: Course = request.context.row
    require_version(request, row.version)
    change = courses.change(request.db, row, request.validated["body"])
    audit.record(request, "course.update", "course", row.id, before=change.before, after=change.after)
    return _out(request, row)


@publishing.post(permission=MANAGE, context=CourseNode, out=AdminCourseOut)
def publish_course(request: Request) -> AdminCourseOut:
    """Put a course up for sale; it must have a lesson."""
    row: Course = request.context.row
    change = courses.publish(request.db, row)
    audit.record(request, "course.publish", "course", row.id, before=change.before, after=change.after)
    return _out(request, row)


@sections.post(permission=MANAGE, context=CourseNode, body=SectionIn, out=AdminSectionOut, status=201, idempotent=True)
def create_section(request: Request) -> AdminSectionOut:
    """Add a section to a course."""
    row = contents.add_section(request.db, request.context.row, request.validated["body"])
    audit.record(request, "section.create", "section", row.id, after={"title": row.title})
    return _section(row, [])


@section.patch(permission=MANAGE, context=SectionNode, body=SectionPatch, out=AdminSectionOut)
def patch_section(request: Request) -> AdminSectionOut:
    """Rename or move a section."""
    row: CourseSection = request.context.row
    before = {"title": row.title, "position": row.position}
    contents.change_section(request.db, row, request.validated["body"])
    after = {"title": row.title, "position": row.position}
    audit.record(request, "section.update", "section", row.id, before=before, after=after)
    found = contents.chapters(request.db, row.course_id, bodies=True)
    return _section(row, next(item.lessons for item in found if item.section.id == row.id))


@section.delete(permission=MANAGE, context=SectionNode, status=204)
def remove_section(request: Request) -> None:
    """Take a section and its lessons out of the course."""
    row: CourseSection = request.context.row
    contents.remove_section(request.db, row)
    audit.record(request, "section.remove", "section", row.id, before={"title": row.title})


@lessons.post(permission=MANAGE, context=SectionNode, body=LessonIn, out=AdminLessonOut, status=201, idempotent=True)
def create_lesson(request: Request) -> AdminLessonOut:
    """Add a lesson to a section."""
    row = contents.add_lesson(request.db, request.context.row, request.validated["body"])
    media.keep_video(request.service(FileLibrary), row)
    audit.record(request, "lesson.create", "lesson", row.id, after={"title": row.title, "kind": row.kind})
    return AdminLessonOut.model_validate(row)


@lesson.patch(permission=MANAGE, context=LessonNode, body=LessonPatch, out=AdminLessonOut)
def patch_lesson(request: Request) -> AdminLessonOut:
    """Change or move a lesson."""
    row: Lesson = request.context.row
    before = {"title": row.title, "kind": row.kind, "position": row.position}
    contents.change_lesson(request.db, row, request.validated["body"])
    media.keep_video(request.service(FileLibrary), row)
    after = {"title": row.title, "kind": row.kind, "position": row.position}
    audit.record(request, "lesson.update", "lesson", row.id, before=before, after=after)
    return AdminLessonOut.model_validate(row)


@lesson.delete(permission=MANAGE, context=LessonNode, status=204)
def remove_lesson(request: Request) -> None:
    """Take a lesson out of the course."""
    row: Lesson = request.context.row
    contents.remove_lesson(request.db, row)
    audit.record(request, "lesson.remove", "lesson", row.id, before={"title": row.title})


def _card(row: Course, card: dict[str, object]) -> AdminCourseCard:
    return AdminCourseCard(**card, status=row.status, tax_rate=row.tax_rate, version=row.version)


def _out(request: Request, row: Course) -> AdminCourseOut:
    found = contents.chapters(request.db, row.id, bodies=True)
    card = _card(row, cards.card(row, cards.extent_of(found)).model_dump())
    return AdminCourseOut(
        **card.model_dump(),
        description=row.description,
        sections=[_section(item.section, item.lessons) for item in found],
    )


def _section(row: CourseSection, found: list[Lesson]) -> AdminSectionOut:
    return AdminSectionOut(
        id=row.id,
        title=row.title,
        position=row.position,
        lessons=[AdminLessonOut.model_validate(item) for item in found],
    )
