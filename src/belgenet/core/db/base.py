"""Declarative base and the mixins every table is made of."""

import uuid
from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import ForeignKey, ForeignKeyConstraint, MetaData, UniqueConstraint, func
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column

from belgenet.core.db.ids import uuid7
from belgenet.core.db.types import UtcDateTime, utcnow

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """All models. Constraint names follow ``NAMING`` so that migrations and models agree."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map: ClassVar[dict[Any, Any]] = {datetime: UtcDateTime()}


class TenantOwned:
    """A row of one tenant: UUIDv7 key, ``tenant_id``, and ``UNIQUE (tenant_id, id)`` that children refer to.

    The table must have row level security (``migrations.helpers.enable_rls``); a test walks the catalogue and fails without it.
    """

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid7)
    tenant_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("tenants.id"))

    extra_table_args: ClassVar[tuple[Any, ...]] = ()
    """Further constraints and indexes of the table."""

    @declared_attr.directive
    @classmethod
    def __table_args__(cls) -> tuple[Any, ...]:
        return (UniqueConstraint("tenant_id", "id"), *cls.extra_table_args)


class Timestamps:
    """``created_at`` and ``updated_at``, set by the application's clock and, for hand-written SQL, by the server."""

    created_at: Mapped[datetime] = mapped_column(default=utcnow, server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(default=utcnow, onupdate=utcnow, server_default=func.now())


class Versioned:
    """Optimistic lock: ``version`` rises with each update and is the ETag. A lost race raises StaleDataError, which retries."""

    version: Mapped[int] = mapped_column(default=1, server_default="1")

    @declared_attr.directive
    @classmethod
    def __mapper_args__(cls) -> dict[str, Any]:
        return {"version_id_col": cls.version}


def tenant_fk(table: str, column: str | None = None, **options: Any) -> ForeignKeyConstraint:
    """Composite foreign key ``(tenant_id, <column>) -> <table>(tenant_id, id)``: plain ones would let a row point into another
    tenant, because PostgreSQL checks foreign keys without row level security.

    :param column: default ``<singular of table>_id``.
    """
    column = column or f"{table.removesuffix('s')}_id"
    return ForeignKeyConstraint(["tenant_id", column], [f"{table}.tenant_id", f"{table}.id"], **options)
