"""How far a learner is. Completions only ever get added, so nothing a learner did is lost."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from belgenet.academy.catalog.models import Course, Lesson
from belgenet.academy.enrollment.models import Enrollment, LessonCompletion
from belgenet.academy.enrollment.services.certifiable import KIND
from belgenet.certificates.interfaces import CertificateIssuer, IssueRequest
from belgenet.commerce.orders.interfaces import OrderLine
from belgenet.core.db import utcnow, uuid7
from belgenet.core.web.errors import ErrorCode, Problem
from belgenet.core.web.pagination import PageQuery, keyset

WHOLE = 100


@dataclass(frozen=True, slots=True)
class Learner:
    """Whose name goes on the certificate, and where it is sent."""

    account_id: uuid.UUID
    full_name: str
    email: str
    locale: str


def percent(done: int, lessons: int, *, completed: bool) -> int:
    """Progress in whole percent, rounded down so that 100 means all. A completed course stays at 100 when it grows."""
    if completed:
        return WHOLE
    return WHOLE * done // lessons if lessons else 0


def of_account(session: Session, account_id: uuid.UUID, query: PageQuery) -> tuple[Sequence[Enrollment], str | None]:
    """The account's active enrollments, newest first."""
    mine = select(Enrollment).where(Enrollment.account_id == account_id, Enrollment.state == "active")
    return keyset(session, mine, query, (Enrollment.created_at, Enrollment.id))


def courses_of(session: Session, rows: Sequence[Enrollment]) -> Mapping[uuid.UUID, Course]:
    """The courses of enrollments, whatever their status, one query for all."""
    found = session.scalars(select(Course).where(Course.id.in_([row.course_id for row in rows])))
    return {course.id: course for course in found}


def done_counts(session: Session, rows: Sequence[Enrollment]) -> Mapping[uuid.UUID, int]:
    """How many of the lessons that are in the course now each enrollment completed, one query for all."""
    counted = (
        select(LessonCompletion.enrollment_id, func.count())
        .join(Lesson, Lesson.id == LessonCompletion.lesson_id)
        .where(LessonCompletion.enrollment_id.in_([row.id for row in rows]), Lesson.removed_at.is_(None))
        .group_by(LessonCompletion.enrollment_id)
    )
    return dict(session.execute(counted).all())


def completions(session: Session, row: Enrollment) -> Mapping[uuid.UUID, datetime]:
    """When each lesson was completed."""
    columns = select(LessonCompletion.lesson_id, LessonCompletion.completed_at)
    return dict(session.execute(columns.where(LessonCompletion.enrollment_id == row.id)).all())


def complete(
    session: Session, issuer: CertificateIssuer, row: Enrollment, lesson_id: uuid.UUID, learner: Learner
) -> Enrollment:
    """Mark a lesson done; a second time changes nothing. The last one completes the course and asks for the certificate, in the
    same transaction and once, however many browser tabs say so at the same time.

    :raises Problem: ``not_found`` when the lesson is not in the course.
    """
    locked = select(Enrollment).where(Enrollment.id == row.id, Enrollment.state == "active").with_for_update()
    current = session.scalar(locked.execution_options(populate_existing=True))
    here = (Lesson.id == lesson_id, Lesson.course_id == row.course_id, Lesson.removed_at.is_(None))
    if current is None or session.scalar(select(Lesson.id).where(*here)) is None:
        raise Problem(ErrorCode.NOT_FOUND, 404)
    done = insert(LessonCompletion).values(
        id=uuid7(), tenant_id=current.tenant_id, enrollment_id=current.id, lesson_id=lesson_id, completed_at=utcnow()
    )
    session.execute(done.on_conflict_do_nothing())
    if current.completed_at is None and not _open_lessons(session, current):
        current.completed_at = utcnow()
        session.flush()
        order_id = session.scalar(select(OrderLine.order_id).where(OrderLine.id == current.order_line_id))
        issuer.request_issue(session, _certificate(current, learner, order_id))
    return current


def _open_lessons(session: Session, row: Enrollment) -> int:
    finished = select(LessonCompletion.lesson_id).where(LessonCompletion.enrollment_id == row.id)
    still = (Lesson.course_id == row.course_id, Lesson.removed_at.is_(None), Lesson.id.not_in(finished))
    return session.scalars(select(func.count()).select_from(Lesson).where(*still)).one()


def _certificate(row: Enrollment, learner: Learner, order_id: uuid.UUID | None) -> IssueRequest:
    return IssueRequest(
        kind=KIND,
        subject_id=row.id,
        owner_id=learner.account_id,
        recipient=learner.full_name,
        email=learner.email,
        locale=learner.locale,
        order_id=order_id,
    )
