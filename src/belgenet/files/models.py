import uuid
from datetime import datetime

from sqlalchemy import CHAR, BigInteger, CheckConstraint, ForeignKeyConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from belgenet.core.db import Base, TenantOwned, Timestamps
from belgenet.core.storage import tenant_key


class File(TenantOwned, Timestamps, Base):
    """A name for some bytes. The bytes are an object under their own hash, shared by all of the tenant's rows that name them.

    ``pending``: announced, bytes not yet checked. ``ready``: checked and stored. ``rejected``: refused or never finished; swept
    away later. A deleted row stays until its bytes are gone, so that no crash can leave an object nobody knows of.
    """

    __tablename__ = "files"
    extra_table_args = (
        ForeignKeyConstraint(["tenant_id", "owner_id"], ["memberships.tenant_id", "memberships.account_id"]),
        CheckConstraint("state IN ('pending', 'ready', 'rejected')", "state"),
        CheckConstraint("visibility IN ('public', 'private')", "visibility"),
        CheckConstraint("scan IN ('unscanned', 'clean', 'infected')", "scan"),
        CheckConstraint("size >= 0", "size"),
        CheckConstraint("state <> 'ready' OR sha256 IS NOT NULL", "ready_has_digest"),
        CheckConstraint("num_nonnulls(subject_kind, subject_id) <> 1", "subject_is_whole"),
        Index("ix_files_tenant_id_owner_id", "tenant_id", "owner_id"),
        Index("ix_files_tenant_id_sha256", "tenant_id", "sha256"),
        Index(
            "ix_files_subject",
            "tenant_id",
            "subject_kind",
            "subject_id",
            postgresql_where=text("subject_id IS NOT NULL"),
        ),
        Index(
            "ix_files_unfinished",
            "tenant_id",
            "created_at",
            postgresql_where=text("state <> 'ready' OR deleted_at IS NOT NULL OR upload_expires_at IS NOT NULL"),
        ),
    )

    owner_id: Mapped[uuid.UUID]
    purpose: Mapped[str]
    """One of ``services.purposes.PURPOSES``: decides on types, size, visibility and who may upload."""
    subject_kind: Mapped[str | None]
    subject_id: Mapped[uuid.UUID | None]
    """The object of another domain that the file is part of."""
    name: Mapped[str]
    content_type: Mapped[str]
    """As found in the bytes; while pending, as claimed."""
    size: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str | None] = mapped_column(CHAR(64))
    state: Mapped[str] = mapped_column(default="pending")
    visibility: Mapped[str]
    scan: Mapped[str] = mapped_column(default="unscanned")
    upload_expires_at: Mapped[datetime | None]
    """Until when a browser may post to :attr:`upload_key`; None when it never could or that object is gone."""
    deleted_at: Mapped[datetime | None]

    @property
    def key(self) -> str:
        """Object key of the checked bytes."""
        return bytes_key(self.tenant_id, self.sha256 or "")

    @property
    def upload_key(self) -> str:
        """Object key where a browser leaves unchecked bytes; nothing is ever served from it."""
        return tenant_key(self.tenant_id, "uploads", str(self.id))

    @property
    def readable_by_all(self) -> bool:
        """Whether it needs no sign-in."""
        return self.visibility == "public" and self.state == "ready"


def bytes_key(tenant_id: uuid.UUID, sha256: str) -> str:
    """Where bytes with this hash are."""
    return tenant_key(tenant_id, "files", sha256)
