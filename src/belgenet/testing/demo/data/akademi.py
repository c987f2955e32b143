"""The demo's academy."""

import uuid
from importlib.resources import files
from typing import Any

from sqlalchemy import select

from belgenet.academy.catalog.models import Course, CourseSection
from belgenet.academy.catalog.schemas import CourseIn, LessonIn, SectionIn
from belgenet.academy.catalog.services import contents, courses, media
from belgenet.core.money import MoneyIn
from belgenet.core.security import Identity, Role
from belgenet.core.storage import ObjectStore
from belgenet.files.interfaces import FileLibrary, Scanner
from belgenet.files.services.intake import Intake
from belgenet.files.services.received import received
from belgenet.tenancy.schemas import BrandingPatch, SitePatch
from belgenet.tenancy.services import change_site
from belgenet.testing.demo.data.courses import COURSES
from belgenet.testing.demo.data.people import account_id
from belgenet.testing.demo.data.texts import CourseText, LessonText

AUTHOR = "egitmen@akademi.example"


def fill(request: Any) -> None:
    """Branding and the courses that are not there yet."""
    tagline = {"tr": "Öğrenin, tamamlayın, belgeleyin.", "en": "Learn it, finish it, prove it."}
    change_site(request.db, SitePatch(branding=BrandingPatch(primary_color="#1d4ed8", tagline=tagline)))  # type: ignore[arg-type]
    for text in COURSES:
        if request.db.scalar(select(Course.id).where(Course.slug == text.slug)) is None:
            _add_course(request, text)


def _add_course(request: Any, text: CourseText) -> None:
    films = {
        lesson.video: _upload(request, lesson.video)
        for lessons in text.sections.values()
        for lesson in lessons
        if lesson.video
    }
    body = CourseIn(
        slug=text.slug,
        title=text.title,
        summary=text.summary,
        description=text.description,
        price=MoneyIn(amount=text.price, currency="TRY"),
    )
    course = courses.create(request.db, body)
    for title, lessons in text.sections.items():
        section = contents.add_section(request.db, course, SectionIn(title=title))
        for lesson in lessons:
            _add_lesson(request, section, lesson, films)
    courses.publish(request.db, course)


def _add_lesson(request: Any, section: CourseSection, text: LessonText, films: dict[str, uuid.UUID]) -> None:
    body = LessonIn(
        title=text.title,
        kind="video" if text.video else "text",
        body_html=text.html or None,
        video_file_id=films.get(text.video),
        duration_minutes=text.minutes,
    )
    media.keep_video(request.service(FileLibrary), contents.add_lesson(request.db, section, body))


def _upload(request: Any, name: str) -> uuid.UUID:
    """Take a film in as the author would; what was written before is committed, as with every upload."""
    author = Identity(account_id(request.db, AUTHOR), request.tenant.id, uuid.UUID(int=0), frozenset({Role.INSTRUCTOR}))
    intake = Intake(
        request.db,
        request.service(ObjectStore),
        request.service(Scanner),
        request.commit_and_continue,
        request.settings.storage.max_upload_bytes,
    )
    data = files("belgenet.testing.demo.data").joinpath("media", name).read_bytes()
    with received([data], len(data)) as found:
        return intake.add(author, media.PURPOSE, name, found).id
