"""Courses as something an order line can be: kind ``course``, ``ref`` the course's id, one of each."""

import uuid
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from belgenet.academy.catalog.models import Course
from belgenet.academy.enrollment.services.certifiable import KIND
from belgenet.academy.enrollment.services.enroll import active, cancel, enroll
from belgenet.certificates.interfaces import CertificateIssuer, RevocationReason
from belgenet.commerce.orders.interfaces import AllocationFailed, Order, OrderLine, OrderOwner, Quote
from belgenet.core.web.errors import ErrorCode, FieldProblem, Problem


class CourseSellable:
    """Sellable: a place in a course. There are always enough."""

    kind = "course"

    def __init__(self, issuer: Callable[[], CertificateIssuer]) -> None:
        self._issuer = issuer

    def quote(self, session: Session, ref: str, quantity: int, details: Mapping[str, Any], owner: OrderOwner) -> Quote:  # noqa: ARG002
        """See Sellable. :raises Problem: ``sellable_not_found``, ``course_not_published``, ``already_owned``."""
        course = _find(session, ref)
        if quantity != 1:
            raise Problem(ErrorCode.INVALID_INPUT, 400, fields=[FieldProblem("quantity", "quantity_one")])
        if active(session, owner.account_id, course.id) is not None:
            raise Problem(ErrorCode.ALREADY_OWNED, 409)
        return Quote(
            title=course.title,
            unit_price_minor=course.price_minor,
            currency=course.currency,
            revenue_account="course_revenue_deferred",
            tax_rate_percent=course.tax_rate,
            category="course",
            details={"course_id": str(course.id), "slug": course.slug},
        )

    def hold(self, session: Session, order: Order, line: OrderLine, until: datetime) -> None:
        """See Sellable: nothing runs out."""

    def release(self, session: Session, order: Order, line: OrderLine) -> None:
        """See Sellable: nothing was held."""

    def fulfil(self, session: Session, order: Order, line: OrderLine) -> None:
        """See Sellable. :raises AllocationFailed: ``already_owned``: another order of the account was paid first."""
        if enroll(session, order.account_id, uuid.UUID(line.details["course_id"]), line.id) is None:
            raise AllocationFailed("already_owned")

    def revoke(self, session: Session, order: Order, line: OrderLine) -> None:  # noqa: ARG002
        """See Sellable: the enrollment ends and its certificate, if there is one, is revoked."""
        row = cancel(session, line.id)
        if row is not None:
            self._issuer().revoke(session, KIND, row.id, RevocationReason.REFUNDED)


def _find(session: Session, ref: str) -> Course:
    try:
        course = session.get(Course, uuid.UUID(ref))
    except ValueError:
        course = None
    if course is None or course.status == "draft":
        raise Problem(ErrorCode.SELLABLE_NOT_FOUND, 404)
    if course.status != "published":
        raise Problem(ErrorCode.COURSE_NOT_PUBLISHED, 409)
    return course
