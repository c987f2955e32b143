import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime

from belgenet.academy.catalog.schemas import LessonBrief
from belgenet.academy.catalog.services import cards, media
from belgenet.academy.catalog.services.contents import Chapter, chapters
from belgenet.academy.enrollment.models import Enrollment
from belgenet.academy.enrollment.resources import EnrollmentNode, EnrollmentsNode
from belgenet.academy.enrollment.schemas import EnrolledLesson, EnrolledSection, EnrollmentDetail, EnrollmentOut
from belgenet.academy.enrollment.services import progress
from belgenet.academy.enrollment.services.certifiable import KIND
from belgenet.academy.enrollment.services.progress import Learner
from belgenet.accounts.interfaces import AccountDirectory
from belgenet.certificates.interfaces import CertificateIssuer
from belgenet.core.security import Permission
from belgenet.core.web.errors import ErrorCode, Problem
from belgenet.core.web.pagination import Page, PageQuery
from belgenet.core.web.request import Request
from belgenet.core.web.service import TenantService, path_id
from belgenet.files.interfaces import FileLibrary

ENROLLMENT = f"/enrollments/{path_id('enrollment_id')}"
mine = TenantService("my_enrollments", "/me/enrollments", traverse="/enrollments", tag="academy")
enrollment = TenantService("enrollment", ENROLLMENT, traverse="/enrollments/{enrollment_id}", tag="academy")
completion = TenantService(
    "lesson_completion",
    f"{ENROLLMENT}/lessons/{path_id('lesson_id')}/completion",
    traverse="/enrollments/{enrollment_id}",
    tag="academy",
)


@mine.get(permission=Permission.ENROLLMENT_LIST_OWN, context=EnrollmentsNode, query=PageQuery, out=Page[EnrollmentOut])
def list_my_enrollments(request: Request) -> Page[EnrollmentOut]:
    """The reader's courses, newest first."""
    rows, cursor = progress.of_account(request.db, request.who.account_id, request.validated["query"])
    return Page(items=_out(request, rows), next=cursor)


@enrollment.get(permission=Permission.ENROLLMENT_READ, context=EnrollmentNode, out=EnrollmentDetail)
def get_enrollment(request: Request) -> EnrollmentDetail:
    """A course with its lessons, for the learner in it."""
    row: Enrollment = request.context.row
    done = progress.completions(request.db, row)
    found = chapters(request.db, row.course_id, bodies=True)
    links = request.service(FileLibrary).links(media.video_files(found))
    sections = [_section(item, done, links) for item in found]
    return EnrollmentDetail(**_out(request, [row])[0].model_dump(), sections=sections)


@completion.put(permission=Permission.ENROLLMENT_PROGRESS, context=EnrollmentNode, out=EnrollmentOut)
def complete_lesson(request: Request) -> EnrollmentOut:
    """Mark a lesson done. After the last one the completion certificate is on its way."""
    row: Enrollment = request.context.row
    account = request.service(AccountDirectory).get(row.account_id)
    if account is None:
        raise Problem(ErrorCode.NOT_FOUND, 404)
    learner = Learner(account.id, account.full_name, account.email, account.locale)
    lesson_id = uuid.UUID(request.matchdict["lesson_id"])
    progress.complete(request.db, request.service(CertificateIssuer), row, lesson_id, learner)
    return _out(request, [row])[0]


def _out(request: Request, rows: Sequence[Enrollment]) -> list[EnrollmentOut]:
    """All of a page with four more queries, however many rows."""
    courses = progress.courses_of(request.db, rows)
    found = {card.id: card for card in cards.cards(request.db, list(courses.values()))}
    done = progress.done_counts(request.db, rows)
    certificates = request.service(CertificateIssuer).of_subjects(request.db, KIND, [row.id for row in rows])
    return [
        EnrollmentOut(
            id=row.id,
            course=found[row.course_id],
            progress_percent=progress.percent(
                done.get(row.id, 0), found[row.course_id].lesson_count, completed=row.completed_at is not None
            ),
            completed_at=row.completed_at,
            certificate_id=certificates[row.id].id if row.id in certificates else None,
        )
        for row in rows
    ]


def _section(item: Chapter, done: Mapping[uuid.UUID, datetime], links: Mapping[uuid.UUID, str]) -> EnrolledSection:
    lessons = [
        EnrolledLesson(
            **LessonBrief.model_validate(lesson).model_dump(),
            body_html=lesson.body_html,
            video_url=lesson.video_url or (links.get(lesson.video_file_id) if lesson.video_file_id else None),
            completed_at=done.get(lesson.id),
        )
        for lesson in item.lessons
    ]
    return EnrolledSection(id=item.section.id, title=item.section.title, lessons=lessons)
