"""Courses, enrollments, lesson completions."""

import sqlalchemy as sa
from alembic import op
from belgenet.migrations.helpers import append_only, tenant_table

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

NOW = sa.text("now()")
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    _courses()
    _sections()
    _lessons()
    _enrollments()
    _completions()


def downgrade() -> None:
    for table in ("lesson_completions", "enrollments", "lessons", "course_sections", "courses"):
        op.drop_table(table)


def _tenant_columns(table: str) -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
        sa.UniqueConstraint("tenant_id", "id", name=f"uq_{table}_tenant_id_id"),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=f"fk_{table}_tenant_id_tenants"),
    ]


def _timestamps() -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("created_at", TIME, nullable=False, server_default=NOW),
        sa.Column("updated_at", TIME, nullable=False, server_default=NOW),
    ]


def _fk(table: str, column: str, parent: str) -> sa.ForeignKeyConstraint:
    name = f"fk_{table}_tenant_id_{column}_{parent}"
    return sa.ForeignKeyConstraint(["tenant_id", column], [f"{parent}.tenant_id", f"{parent}.id"], name=name)


def _courses() -> None:
    op.create_table(
        "courses",
        *_tenant_columns("courses"),
        sa.Column("slug", sa.String, nullable=False),
        sa.Column("title", sa.String(collation="tr-x-icu"), nullable=False),
        sa.Column("summary", sa.String, nullable=False),
        sa.Column("description", sa.String, nullable=False),
        sa.Column("price_minor", sa.BigInteger, nullable=False),
        sa.Column("currency", sa.CHAR(3), nullable=False),
        sa.Column("tax_rate", sa.Numeric(5, 2), nullable=False),
        sa.Column("status", sa.String, nullable=False),
        sa.Column("image_url", sa.String),
        sa.Column("version", sa.Integer, nullable=False, server_default="1"),
        *_timestamps(),
        sa.UniqueConstraint("tenant_id", "slug", name="uq_courses_tenant_id_slug"),
        sa.CheckConstraint("price_minor >= 0", name="ck_courses_price_minor"),
        sa.CheckConstraint("tax_rate BETWEEN 0 AND 100", name="ck_courses_tax_rate"),
        sa.CheckConstraint("status IN ('draft', 'published', 'archived')", name="ck_courses_status"),
    )
    tenant_table("courses", "SELECT, INSERT, UPDATE")
    op.create_index("ix_courses_tenant_id_status", "courses", ["tenant_id", "status", "title", "id"])


def _sections() -> None:
    op.create_table(
        "course_sections",
        *_tenant_columns("course_sections"),
        sa.Column("course_id", sa.Uuid, nullable=False),
        sa.Column("title", sa.String, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("removed_at", TIME),
        *_timestamps(),
        _fk("course_sections", "course_id", "courses"),
    )
    tenant_table("course_sections", "SELECT, INSERT, UPDATE")
    columns = ["tenant_id", "course_id", "position"]
    op.create_index("ix_course_sections_tenant_id_course_id", "course_sections", columns)


def _lessons() -> None:
    op.create_table(
        "lessons",
        *_tenant_columns("lessons"),
        sa.Column("course_id", sa.Uuid, nullable=False),
        sa.Column("section_id", sa.Uuid, nullable=False),
        sa.Column("title", sa.String, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("body_html", sa.String),
        sa.Column("video_url", sa.String),
        sa.Column("video_file_id", sa.Uuid),
        sa.Column("duration_minutes", sa.Integer, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("removed_at", TIME),
        *_timestamps(),
        _fk("lessons", "course_id", "courses"),
        _fk("lessons", "section_id", "course_sections"),
        sa.CheckConstraint("kind IN ('text', 'video')", name="ck_lessons_kind"),
        sa.CheckConstraint("(kind = 'text') = (body_html IS NOT NULL)", name="ck_lessons_text_has_body"),
        sa.CheckConstraint(
            "(kind = 'video') = (num_nonnulls(video_url, video_file_id) = 1)", name="ck_lessons_video_has_source"
        ),
        sa.CheckConstraint("duration_minutes >= 0", name="ck_lessons_duration_minutes"),
    )
    tenant_table("lessons", "SELECT, INSERT, UPDATE")
    columns = ["tenant_id", "course_id", "section_id", "position"]
    op.create_index("ix_lessons_course", "lessons", columns, postgresql_where=sa.text("removed_at IS NULL"))


def _enrollments() -> None:
    op.create_table(
        "enrollments",
        *_tenant_columns("enrollments"),
        sa.Column("account_id", sa.Uuid, nullable=False),
        sa.Column("course_id", sa.Uuid, nullable=False),
        sa.Column("order_line_id", sa.Uuid),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("completed_at", TIME),
        *_timestamps(),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_enrollments_account_id_accounts"),
        _fk("enrollments", "course_id", "courses"),
        _fk("enrollments", "order_line_id", "order_lines"),
        sa.CheckConstraint("state IN ('active', 'canceled')", name="ck_enrollments_state"),
    )
    tenant_table("enrollments", "SELECT, INSERT, UPDATE")
    one = ["tenant_id", "account_id", "course_id"]
    op.create_index(
        "uq_enrollments_active", "enrollments", one, unique=True, postgresql_where=sa.text("state = 'active'")
    )
    op.create_index("ix_enrollments_tenant_id_course_id", "enrollments", ["tenant_id", "course_id"])
    op.create_index("ix_enrollments_tenant_id_order_line_id", "enrollments", ["tenant_id", "order_line_id"])


def _completions() -> None:
    op.create_table(
        "lesson_completions",
        *_tenant_columns("lesson_completions"),
        sa.Column("enrollment_id", sa.Uuid, nullable=False),
        sa.Column("lesson_id", sa.Uuid, nullable=False),
        sa.Column("completed_at", TIME, nullable=False),
        _fk("lesson_completions", "enrollment_id", "enrollments"),
        _fk("lesson_completions", "lesson_id", "lessons"),
        sa.UniqueConstraint(
            "tenant_id", "enrollment_id", "lesson_id", name="uq_lesson_completions_tenant_id_enrollment_id_lesson_id"
        ),
    )
    tenant_table("lesson_completions", "SELECT, INSERT")
    append_only("lesson_completions")
