"""What the panel's first page says about learning."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Date, cast, exists, func, select
from sqlalchemy.orm import Session

from belgenet.academy.catalog.models import Course
from belgenet.academy.enrollment.models import Enrollment
from belgenet.admin.interfaces import Card, Window


def cards(session: Session, window: Window) -> Sequence[Card]:
    """CardProvider: enrollments and completed courses by day; nothing where there is no course."""
    if not session.scalar(select(exists().where(Course.id.is_not(None)))):
        return []
    return [
        Card.compared("enrollments", _by_day(session, Enrollment.created_at, window), window),
        Card.compared("completions", _by_day(session, Enrollment.completed_at, window), window),
    ]


def _by_day(session: Session, moment: Any, window: Window) -> Mapping[date, int]:
    day = cast(func.timezone(window.time_zone, moment), Date)
    counted = (
        select(day, func.count())
        .where(moment >= window.previous_since, moment < window.until, Enrollment.state == "active")
        .group_by(day)
    )
    return {row[0]: row[1] for row in session.execute(counted)}
