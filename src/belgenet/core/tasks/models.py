from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from belgenet.core.db.base import Base


class PeriodicRun(Base):
    """When a piece of periodic work was last started. Global: there is one beat for the installation. Kept here, so that neither a
    restart of beat nor a wiped Redis starts the clock of nightly work anew.
    """

    __tablename__ = "periodic_runs"

    name: Mapped[str] = mapped_column(primary_key=True)
    started_at: Mapped[datetime]
