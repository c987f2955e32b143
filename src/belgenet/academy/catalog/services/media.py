"""Videos of lessons: files of the tenant, kept as long as a lesson shows them."""

import uuid
from collections.abc import Iterable
from typing import Final

from belgenet.academy.catalog.models import Lesson
from belgenet.academy.catalog.services.contents import Chapter
from belgenet.core.web.errors import ErrorCode, FieldProblem, Problem
from belgenet.files.interfaces import FileLibrary

KIND: Final = "lesson"
PURPOSE: Final = "course_material"


def keep_video(library: FileLibrary, lesson: Lesson) -> None:
    """Make the lesson's video part of it, and let go of one it showed before.

    :raises Problem: ``invalid_input``: no such file, or it is no video; ``file_in_use``.
    """
    if lesson.video_file_id is not None:
        found = library.attach(lesson.video_file_id, KIND, lesson.id, purposes=[PURPOSE])
        if not found.content_type.startswith("video/"):
            raise Problem(ErrorCode.INVALID_INPUT, 400, fields=[FieldProblem("video_file_id", "not_a_video")])
    library.release(KIND, lesson.id, keep=[lesson.video_file_id] if lesson.video_file_id else [])


def video_files(chapters: Iterable[Chapter]) -> list[uuid.UUID]:
    """Files of all the video lessons."""
    lessons = [lesson for chapter in chapters for lesson in chapter.lessons]
    return [lesson.video_file_id for lesson in lessons if lesson.video_file_id is not None]
