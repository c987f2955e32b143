"""What a completion certificate says."""

import uuid
from collections.abc import Sequence
from datetime import tzinfo
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from belgenet.academy.catalog.models import Course
from belgenet.academy.catalog.services.contents import Extent, extents
from belgenet.academy.enrollment.models import Enrollment
from belgenet.certificates.interfaces import CertificateFacts, Fact, IssueRequest
from belgenet.commerce.orders.interfaces import Order, OrderLine
from belgenet.core.i18n import translate
from belgenet.core.i18n.dates import long_day

KIND: Final = "course_completion"


class CourseCompletion:
    """Certifiable: a completed enrollment."""

    kind = KIND

    def facts(self, session: Session, subject_id: uuid.UUID, locale: str, zone: tzinfo) -> CertificateFacts:
        """See Certifiable. ``subject_id`` is the enrollment."""
        row = session.get_one(Enrollment, subject_id)
        course = session.get_one(Course, row.course_id)
        extent = extents(session, [course.id]).get(course.id, Extent())
        facts = []
        if row.completed_at:
            day = long_day(row.completed_at.astimezone(zone), locale)
            facts.append(Fact(_text(locale, "completed"), day))
        facts.append(Fact(_text(locale, "lessons"), str(extent.lessons)))
        if extent.minutes:
            facts.append(Fact(_text(locale, "duration"), _text(locale, "minutes", minutes=extent.minutes)))
        return CertificateFacts(title=course.title, summary=_text(locale, "summary"), facts=tuple(facts))

    def earned_by_order(self, session: Session, order_id: uuid.UUID) -> Sequence[IssueRequest]:
        """See Certifiable: one for each completed course the order bought."""
        completed = (
            select(Enrollment, Order)
            .join(OrderLine, OrderLine.id == Enrollment.order_line_id)
            .join(Order, Order.id == OrderLine.order_id)
            .where(Order.id == order_id, Enrollment.completed_at.is_not(None), Enrollment.state == "active")
            .order_by(Enrollment.id)
        )
        return [
            IssueRequest(
                kind=KIND,
                subject_id=row.id,
                owner_id=row.account_id,
                recipient=order.contact_name,
                email=order.contact_email,
                locale=order.locale,
                order_id=order.id,
            )
            for row, order in session.execute(completed)
        ]


def _text(locale: str, key: str, **params: Any) -> str:
    return translate(locale, f"academy.certificate.{key}", **params)
