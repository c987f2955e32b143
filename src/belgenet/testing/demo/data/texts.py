"""The shape of a demo course's text."""

from dataclasses import dataclass


@dataclass(frozen=True)
class LessonText:
    """A lesson; ``html`` or, for a film, the name of a file under ``media/``."""

    title: str
    minutes: int
    html: str = ""
    video: str = ""


@dataclass(frozen=True)
class CourseText:
    """A course: sections by title, each with its lessons. The price is in Turkish liras, KDV included."""

    slug: str
    title: str
    summary: str
    description: str
    price: str
    sections: dict[str, list[LessonText]]
