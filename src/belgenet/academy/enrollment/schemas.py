from belgenet.academy.catalog.schemas import CourseCard, LessonBrief
from belgenet.core.web.schema import Id, Out, Timestamp


class EnrollmentOut(Out):
    """A learner's place in a course. ``progress_percent`` is 100 exactly when all lessons are done, or were once."""

    id: Id
    course: CourseCard
    progress_percent: int
    completed_at: Timestamp | None
    certificate_id: Id | None


class EnrolledLesson(LessonBrief):
    """A lesson to read or to watch."""

    body_html: str | None
    video_url: str | None
    completed_at: Timestamp | None


class EnrolledSection(Out):
    """A section to work through."""

    id: Id
    title: str
    lessons: list[EnrolledLesson]


class EnrollmentDetail(EnrollmentOut):
    """An enrollment with all the lessons."""

    sections: list[EnrolledSection]
