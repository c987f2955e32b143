import uuid
from typing import Protocol

from sqlalchemy.orm import Session


class EnrollmentLookup(Protocol):
    """Who is in a course; implemented by ``academy.enrollment``, which stands above the catalogue."""

    def active_id(self, session: Session, account_id: uuid.UUID, course_id: uuid.UUID) -> uuid.UUID | None:
        """The account's active enrollment in the course."""
