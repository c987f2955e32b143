"""Courses: listing, writing, publishing."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from belgenet.academy.catalog.models import Course
from belgenet.academy.catalog.schemas import CourseIn, CoursePatch
from belgenet.academy.catalog.services.contents import Extent, extents
from belgenet.core.i18n.slug import slugify
from belgenet.core.money import MoneyIn
from belgenet.core.web.errors import ErrorCode, FieldProblem, Problem
from belgenet.core.web.pagination import PageQuery, keyset


@dataclass(frozen=True, slots=True)
class Change:
    """What a patch did, for the audit trail; JSON types only."""

    before: dict[str, Any]
    after: dict[str, Any]


def list_published(session: Session, query: PageQuery) -> tuple[Sequence[Course], str | None]:
    """Courses for sale, in the order of the Turkish alphabet."""
    statement = select(Course).where(Course.status == "published")
    return keyset(session, statement, query, (Course.title, Course.id), descending=False)


def list_all(session: Session, query: PageQuery) -> tuple[Sequence[Course], str | None]:
    """Every course, in the order of the Turkish alphabet."""
    return keyset(session, select(Course), query, (Course.title, Course.id), descending=False)


def create(session: Session, body: CourseIn) -> Course:
    """Add a draft. :raises Problem: ``slug_taken``."""
    row = Course(
        title=body.title,
        slug=body.slug or _free_slug(session, body.title),
        summary=body.summary,
        description=body.description,
        price_minor=body.price.minor,
        currency=body.price.currency,
        tax_rate=body.tax_rate,
        image_url=body.image_url,
    )
    session.add(row)
    _flush(session)
    return row


def change(session: Session, row: Course, patch: CoursePatch) -> Change:
    """Apply a patch. :raises Problem: ``slug_taken``, or ``course_incomplete`` when there is nothing to publish."""
    if patch.status == "published":
        _check_ready(session, row)
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    for name in patch.model_fields_set:
        for column, new in _columns(name, getattr(patch, name)).items():
            before[column], after[column] = _plain(getattr(row, column)), _plain(new)
            setattr(row, column, new)
    _flush(session)
    return Change(before, after)


def publish(session: Session, row: Course) -> Change:
    """Put a course up for sale; once more changes nothing. :raises Problem: ``course_incomplete`` without a lesson."""
    return change(session, row, CoursePatch(status="published"))


def _columns(name: str, value: Any) -> dict[str, Any]:
    if isinstance(value, MoneyIn):
        return {"price_minor": value.minor, "currency": value.currency}
    return {name: value}


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, Decimal) else value


def _check_ready(session: Session, row: Course) -> None:
    if extents(session, [row.id]).get(row.id, Extent()).lessons == 0:
        raise Problem(ErrorCode.COURSE_INCOMPLETE, 409)


def _free_slug(session: Session, title: str) -> str:
    base = slugify(title)
    taken = set(session.scalars(select(Course.slug).where(Course.slug.startswith(base))))
    number, slug = 1, base
    while slug in taken:
        number += 1
        slug = f"{base}-{number}"
    return slug


def _flush(session: Session) -> None:
    """:raises Problem: ``slug_taken``."""
    try:
        session.flush()
    except IntegrityError as error:
        if "_tenant_id_slug" in str(error.orig):
            raise Problem(ErrorCode.SLUG_TAKEN, 409, fields=[FieldProblem("slug", "slug_taken")]) from None
        raise
