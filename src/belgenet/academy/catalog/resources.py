import uuid
from typing import Any

from sqlalchemy import select

from belgenet.academy.catalog.models import Course, CourseSection, Lesson
from belgenet.core.traversal import Collection, Item, Node


class CourseNode(Item):
    """A course."""

    row: Course


class PublicCoursesNode(Node):
    """Courses for sale, found by slug or id. A draft or archived one does not exist here."""

    def __getitem__(self, key: str) -> Node:
        try:
            where = Course.id == uuid.UUID(key)
        except ValueError:
            where = Course.slug == key
        row = self.request.db.scalar(select(Course).where(where, Course.status == "published"))
        if row is None:
            raise KeyError(key)
        return CourseNode(row, self)


class CoursesNode(Collection):
    """All courses, for those who write them."""

    item = CourseNode

    def find(self, key: uuid.UUID) -> Any | None:
        """See Collection."""
        return self.request.db.get(Course, key)


class SectionNode(Item):
    """A section of a course."""

    row: CourseSection


class SectionsNode(Collection):
    """Sections of all courses; a removed one does not exist."""

    item = SectionNode

    def find(self, key: uuid.UUID) -> Any | None:
        """See Collection."""
        return _kept(self.request.db.get(CourseSection, key))


class LessonNode(Item):
    """A lesson."""

    row: Lesson


class LessonsNode(Collection):
    """Lessons of all courses; a removed one does not exist."""

    item = LessonNode

    def find(self, key: uuid.UUID) -> Any | None:
        """See Collection."""
        return _kept(self.request.db.get(Lesson, key))


def _kept(row: CourseSection | Lesson | None) -> CourseSection | Lesson | None:
    return None if row is None or row.removed_at else row
