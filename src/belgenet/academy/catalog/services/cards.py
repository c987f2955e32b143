"""A course as lists show it."""

from collections.abc import Iterable, Sequence

from sqlalchemy.orm import Session

from belgenet.academy.catalog.models import Course
from belgenet.academy.catalog.schemas import CourseCard
from belgenet.academy.catalog.services.contents import Chapter, Extent, extents
from belgenet.core.money import MoneyOut


def card(row: Course, extent: Extent) -> CourseCard:
    """One card."""
    return CourseCard(
        id=row.id,
        slug=row.slug,
        title=row.title,
        summary=row.summary,
        price=MoneyOut.of(row.price_minor, row.currency),
        image_url=row.image_url,
        lesson_count=extent.lessons,
        duration_minutes=extent.minutes,
    )


def cards(session: Session, rows: Sequence[Course]) -> list[CourseCard]:
    """Cards of a page, one query for all."""
    found = extents(session, [row.id for row in rows])
    return [card(row, found.get(row.id, Extent())) for row in rows]


def extent_of(chapters: Iterable[Chapter]) -> Extent:
    """The extent of a course whose contents are at hand."""
    lessons = [lesson for chapter in chapters for lesson in chapter.lessons]
    return Extent(len(lessons), sum(lesson.duration_minutes for lesson in lessons))
