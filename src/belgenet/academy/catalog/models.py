import uuid
from datetime import datetime
from decimal import Decimal

from sqlalchemy import CHAR, BigInteger, CheckConstraint, Index, Numeric, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from belgenet.core.db import Base, TenantOwned, Timestamps, Versioned, tenant_fk

TURKISH = "tr-x-icu"
"""PostgreSQL collation that sorts ç, ğ, ı, İ, ö, ş and ü where a Turkish reader looks for them."""


class Course(Versioned, TenantOwned, Timestamps, Base):
    """Something to learn. The price includes KDV at ``tax_rate`` percent."""

    __tablename__ = "courses"
    extra_table_args = (
        UniqueConstraint("tenant_id", "slug"),
        CheckConstraint("price_minor >= 0", "price_minor"),
        CheckConstraint("tax_rate BETWEEN 0 AND 100", "tax_rate"),
        CheckConstraint("status IN ('draft', 'published', 'archived')", "status"),
        Index("ix_courses_tenant_id_status", "tenant_id", "status", "title", "id"),
    )

    slug: Mapped[str]
    title: Mapped[str] = mapped_column(String(collation=TURKISH))
    summary: Mapped[str] = mapped_column(default="")
    description: Mapped[str] = mapped_column(default="")
    price_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(CHAR(3))
    tax_rate: Mapped[Decimal] = mapped_column(Numeric(5, 2))
    status: Mapped[str] = mapped_column(default="draft")
    image_url: Mapped[str | None]


class CourseSection(TenantOwned, Timestamps, Base):
    """A chapter. ``removed_at``: taken out of the course; its lessons stay for those who completed them."""

    __tablename__ = "course_sections"
    extra_table_args = (
        tenant_fk("courses"),
        Index("ix_course_sections_tenant_id_course_id", "tenant_id", "course_id", "position"),
    )

    course_id: Mapped[uuid.UUID]
    title: Mapped[str]
    position: Mapped[int]
    removed_at: Mapped[datetime | None]


class Lesson(TenantOwned, Timestamps, Base):
    """A text (HTML, cleaned before it is stored) or a video (an https address or an uploaded file). Length in minutes."""

    __tablename__ = "lessons"
    extra_table_args = (
        tenant_fk("courses"),
        tenant_fk("course_sections", "section_id"),
        CheckConstraint("kind IN ('text', 'video')", "kind"),
        CheckConstraint("(kind = 'text') = (body_html IS NOT NULL)", "text_has_body"),
        CheckConstraint("(kind = 'video') = (num_nonnulls(video_url, video_file_id) = 1)", "video_has_source"),
        CheckConstraint("duration_minutes >= 0", "duration_minutes"),
        Index(
            "ix_lessons_course",
            "tenant_id",
            "course_id",
            "section_id",
            "position",
            postgresql_where=text("removed_at IS NULL"),
        ),
    )

    course_id: Mapped[uuid.UUID]
    section_id: Mapped[uuid.UUID]
    title: Mapped[str]
    kind: Mapped[str]
    body_html: Mapped[str | None]
    video_url: Mapped[str | None]
    video_file_id: Mapped[uuid.UUID | None]
    duration_minutes: Mapped[int] = mapped_column(default=0)
    position: Mapped[int]
    removed_at: Mapped[datetime | None]
