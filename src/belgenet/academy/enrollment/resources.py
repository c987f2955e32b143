import uuid
from typing import Any

from pyramid.authorization import Allow, Deny, Everyone
from sqlalchemy import select

from belgenet.academy.enrollment.models import Enrollment
from belgenet.core.security import Identity, Permission
from belgenet.core.traversal import Collection, Item


class EnrollmentNode(Item):
    """An enrollment: its learner reads and progresses, staff may read. To anyone else it does not exist."""

    row: Enrollment

    def __acl__(self) -> list[Any]:
        learner = f"user:{self.row.account_id}"
        return [
            (Allow, learner, (Permission.ENROLLMENT_READ, Permission.ENROLLMENT_PROGRESS)),
            (Deny, Everyone, (Permission.ENROLLMENT_PROGRESS,)),
        ]

    def visible_to(self, identity: Identity) -> bool:
        """See Node."""
        return identity.account_id == self.row.account_id or Permission.ENROLLMENT_READ in identity.permissions


class EnrollmentsNode(Collection):
    """All active enrollments; a canceled one does not exist."""

    item = EnrollmentNode

    def find(self, key: uuid.UUID) -> Any | None:
        """See Collection."""
        return self.request.db.scalar(select(Enrollment).where(Enrollment.id == key, Enrollment.state == "active"))
