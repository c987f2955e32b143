from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from belgenet.core.db.base import Base


class Heartbeat(Base):
    """When a process was last seen. Global: processes serve the whole installation."""

    __tablename__ = "heartbeats"

    kind: Mapped[str] = mapped_column(primary_key=True)
    process: Mapped[str] = mapped_column(primary_key=True)
    seen_at: Mapped[datetime]
