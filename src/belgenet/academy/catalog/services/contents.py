"""The table of contents: reading it in few queries, and changing it."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, defer

from belgenet.academy.catalog.models import Course, CourseSection, Lesson
from belgenet.academy.catalog.schemas import LessonIn, LessonPatch, SectionIn, SectionPatch
from belgenet.academy.catalog.services.html import clean
from belgenet.core.db import utcnow
from belgenet.core.web.errors import ErrorCode, FieldProblem, Problem

CONTENT = ("body_html", "video_url", "video_file_id")


@dataclass(frozen=True, slots=True)
class Extent:
    """How long a course is."""

    lessons: int = 0
    minutes: int = 0


@dataclass(frozen=True, slots=True)
class Chapter:
    """A section and its lessons in order."""

    section: CourseSection
    lessons: list[Lesson]


def extents(session: Session, course_ids: Iterable[uuid.UUID]) -> Mapping[uuid.UUID, Extent]:
    """Number of lessons and minutes of each course, one query for all."""
    counted = (
        select(Lesson.course_id, func.count(), func.coalesce(func.sum(Lesson.duration_minutes), 0))
        .where(Lesson.course_id.in_(list(course_ids)), Lesson.removed_at.is_(None))
        .group_by(Lesson.course_id)
    )
    return {key: Extent(lessons, int(minutes)) for key, lessons, minutes in session.execute(counted)}


def chapters(session: Session, course_id: uuid.UUID, *, bodies: bool) -> list[Chapter]:
    """Sections and lessons in reading order, two queries. ``bodies``: load the texts too."""
    sections = session.scalars(_ordered(CourseSection, CourseSection.course_id == course_id)).all()
    statement = _ordered(Lesson, Lesson.course_id == course_id)
    if not bodies:
        statement = statement.options(defer(Lesson.body_html, raiseload=True))
    lessons: dict[uuid.UUID, list[Lesson]] = {section.id: [] for section in sections}
    for lesson in session.scalars(statement):
        lessons[lesson.section_id].append(lesson)
    return [Chapter(section, lessons[section.id]) for section in sections]


def add_section(session: Session, course: Course, body: SectionIn) -> CourseSection:
    """Add a section."""
    _lock(session, course.id)
    siblings = list(session.scalars(_ordered(CourseSection, CourseSection.course_id == course.id)))
    row = CourseSection(course_id=course.id, title=body.title, position=len(siblings))
    session.add(row)
    _place(siblings, row, body.position)
    session.flush()
    return row


def change_section(session: Session, row: CourseSection, patch: SectionPatch) -> None:
    """Rename or move a section."""
    _lock(session, row.course_id)
    if patch.title is not None:
        row.title = patch.title
    if patch.position is not None:
        siblings = session.scalars(_ordered(CourseSection, CourseSection.course_id == row.course_id))
        _place([item for item in siblings if item.id != row.id], row, patch.position)
    session.flush()


def remove_section(session: Session, row: CourseSection) -> None:
    """Take a section with its lessons out of the course. What learners completed stays recorded."""
    _lock(session, row.course_id)
    row.removed_at = utcnow()
    for lesson in session.scalars(_ordered(Lesson, Lesson.section_id == row.id)):
        lesson.removed_at = row.removed_at
    session.flush()


def add_lesson(session: Session, section: CourseSection, body: LessonIn) -> Lesson:
    """Add a lesson. :raises Problem: ``invalid_input`` when the content does not fit the kind."""
    _lock(session, section.course_id)
    siblings = list(session.scalars(_ordered(Lesson, Lesson.section_id == section.id)))
    row = Lesson(
        course_id=section.course_id,
        section_id=section.id,
        title=body.title,
        kind=body.kind,
        duration_minutes=body.duration_minutes,
        position=len(siblings),
        **content(body.kind, {name: getattr(body, name) for name in CONTENT}),
    )
    session.add(row)
    _place(siblings, row, body.position)
    session.flush()
    return row


def change_lesson(session: Session, row: Lesson, patch: LessonPatch) -> None:
    """Change or move a lesson. :raises Problem: ``invalid_input`` when the content does not fit the kind."""
    _lock(session, row.course_id)
    given = {name: getattr(patch, name) for name in CONTENT if name in patch.model_fields_set}
    kind = patch.kind or row.kind
    if given or kind != row.kind:
        kept = {name: getattr(row, name) for name in CONTENT} if kind == row.kind else {}
        if {"video_url", "video_file_id"} & given.keys():
            kept.update(video_url=None, video_file_id=None)
        for name, value in content(kind, {**kept, **given}).items():
            setattr(row, name, value)
        row.kind = kind
    row.title = patch.title or row.title
    if patch.duration_minutes is not None:
        row.duration_minutes = patch.duration_minutes
    if patch.position is not None:
        siblings = session.scalars(_ordered(Lesson, Lesson.section_id == row.section_id))
        _place([item for item in siblings if item.id != row.id], row, patch.position)
    session.flush()


def remove_lesson(session: Session, row: Lesson) -> None:
    """Take a lesson out of the course. What learners completed stays recorded."""
    _lock(session, row.course_id)
    row.removed_at = utcnow()
    session.flush()


def content(kind: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """The three content columns of a lesson.

    :raises Problem: ``invalid_input``: a text without words, or a video without exactly one source.
    """
    if kind == "text":
        body = clean(given.get("body_html") or "")
        if not body:
            raise _unfit("body_html", "missing")
        return {"body_html": body, "video_url": None, "video_file_id": None}
    sources = {name: given.get(name) for name in ("video_url", "video_file_id")}
    if sum(value is not None for value in sources.values()) != 1:
        raise _unfit("video_url", "one_video_source")
    return {"body_html": None, **sources}


def _unfit(field: str, code: str) -> Problem:
    return Problem(ErrorCode.INVALID_INPUT, 400, fields=[FieldProblem(field, code)])


def _ordered(model: Any, where: Any) -> Any:
    return select(model).where(where, model.removed_at.is_(None)).order_by(model.position, model.id)


def _lock(session: Session, course_id: uuid.UUID) -> None:
    """Two authors of one course take turns, so positions stay 0, 1, 2 ..."""
    session.execute(select(Course.id).where(Course.id == course_id).with_for_update())


def _place(others: Sequence[Any], row: Any, position: int | None) -> None:
    at = len(others) if position is None else min(position, len(others))
    for number, item in enumerate([*others[:at], row, *others[at:]]):
        item.position = number
