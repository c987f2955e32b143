import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from belgenet.core.db import Base, TenantOwned, Timestamps, tenant_fk, utcnow


class Enrollment(TenantOwned, Timestamps, Base):
    """An account's place in a course, bought by an order line. ``completed_at`` is set once and stays when lessons are added.

    A refund cancels it; who buys the course again starts a new one, so there is one active place per account and course.
    """

    __tablename__ = "enrollments"
    extra_table_args = (
        ForeignKeyConstraint(["account_id"], ["accounts.id"]),
        tenant_fk("courses"),
        tenant_fk("order_lines"),
        Index(
            "uq_enrollments_active",
            "tenant_id",
            "account_id",
            "course_id",
            unique=True,
            postgresql_where=text("state = 'active'"),
        ),
        CheckConstraint("state IN ('active', 'canceled')", "state"),
        Index("ix_enrollments_tenant_id_course_id", "tenant_id", "course_id"),
        Index("ix_enrollments_tenant_id_order_line_id", "tenant_id", "order_line_id"),
    )

    account_id: Mapped[uuid.UUID]
    course_id: Mapped[uuid.UUID]
    order_line_id: Mapped[uuid.UUID | None]
    state: Mapped[str] = mapped_column(default="active")
    completed_at: Mapped[datetime | None]


class LessonCompletion(TenantOwned, Base):
    """A learner finished a lesson. Append-only; a second time changes nothing."""

    __tablename__ = "lesson_completions"
    extra_table_args = (
        tenant_fk("enrollments"),
        tenant_fk("lessons"),
        UniqueConstraint("tenant_id", "enrollment_id", "lesson_id"),
    )

    enrollment_id: Mapped[uuid.UUID]
    lesson_id: Mapped[uuid.UUID]
    completed_at: Mapped[datetime] = mapped_column(default=utcnow)
