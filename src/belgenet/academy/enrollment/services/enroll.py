"""Making, canceling and finding enrollments."""

import uuid

from sqlalchemy import select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, aliased

from belgenet.academy.catalog.models import Lesson
from belgenet.academy.enrollment.models import Enrollment
from belgenet.core.db import uuid7
from belgenet.core.security import Identity, Permission


class DatabaseEnrollmentLookup:
    """EnrollmentLookup over the enrollments table."""

    def active_id(self, session: Session, account_id: uuid.UUID, course_id: uuid.UUID) -> uuid.UUID | None:
        """See EnrollmentLookup."""
        row = active(session, account_id, course_id)
        return row.id if row else None


def active(session: Session, account_id: uuid.UUID, course_id: uuid.UUID) -> Enrollment | None:
    """The account's active enrollment in a course."""
    mine = (Enrollment.account_id == account_id, Enrollment.course_id == course_id, Enrollment.state == "active")
    return session.scalar(select(Enrollment).where(*mine))


def enroll(
    session: Session, account_id: uuid.UUID, course_id: uuid.UUID, order_line_id: uuid.UUID | None
) -> Enrollment | None:
    """Enroll for an order line; again for the same line gives the same enrollment.

    :returns: None when the account is enrolled through something else. Of two at once one wins: the index decides.
    """
    added = (
        insert(Enrollment)
        .values(
            id=uuid7(),
            tenant_id=session.info["tenant_id"],
            account_id=account_id,
            course_id=course_id,
            order_line_id=order_line_id,
            state="active",
        )
        .on_conflict_do_nothing(
            index_elements=["tenant_id", "account_id", "course_id"], index_where=text("state = 'active'")
        )
    )
    session.flush()
    session.execute(added)
    row = active(session, account_id, course_id)
    return row if row is not None and row.order_line_id == order_line_id else None


def cancel(session: Session, order_line_id: uuid.UUID) -> Enrollment | None:
    """End the enrollment an order line paid for; None when there is none."""
    bought = select(Enrollment).where(Enrollment.order_line_id == order_line_id, Enrollment.state == "active")
    row = session.scalar(bought.with_for_update())
    if row is not None:
        row.state = "canceled"
        session.flush()
    return row


def move_to_account(session: Session, *, from_account: uuid.UUID, to_account: uuid.UUID) -> None:
    """Hand a guest's enrollments to the registered account; where that is in the course already, the guest's stays."""
    theirs = aliased(Enrollment)
    doubled = select(theirs.id).where(
        theirs.account_id == to_account, theirs.course_id == Enrollment.course_id, theirs.state == "active"
    )
    moved = update(Enrollment).where(Enrollment.account_id == from_account, ~doubled.exists())
    session.execute(moved.values(account_id=to_account).execution_options(synchronize_session=False))


def may_read_lesson(session: Session, identity: Identity, lesson_id: uuid.UUID) -> bool:
    """FileAccess: a lesson's files are for the learners in its course and for its authors."""
    if Permission.COURSE_MANAGE in identity.permissions:
        return True
    mine = (Enrollment.account_id == identity.account_id, Enrollment.state == "active")
    here = (
        select(Enrollment.id)
        .join(Lesson, Lesson.course_id == Enrollment.course_id)
        .where(Lesson.id == lesson_id, *mine)
    )
    return session.scalar(here.limit(1)) is not None
