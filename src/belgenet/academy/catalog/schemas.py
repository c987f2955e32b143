from decimal import Decimal
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from belgenet.core.money import MoneyIn, MoneyOut
from belgenet.core.web.schema import Id, In, LongText, Out, Patch, ShortText, Slug

Kind = Literal["text", "video"]
Status = Literal["draft", "published", "archived"]
Summary = Annotated[str, Field(max_length=500, pattern=r"^[^\x00-\x08\x0b-\x1f]*$")]
ImageUrl = Annotated[str, Field(max_length=500, pattern=r"^(https://|/)[^\s\"'<>\\]*$")]
HttpsUrl = Annotated[str, Field(max_length=1000, pattern=r"^https://[^\s\"'<>\\]+$")]
TaxRate = Annotated[Decimal, Field(ge=0, le=100, max_digits=5, decimal_places=2)]
Minutes = Annotated[int, Field(ge=0, le=10_000)]
Position = Annotated[int, Field(ge=0, le=10_000)]


class CourseIn(In):
    """A new course. The price includes KDV at ``tax_rate`` percent. Without a slug one is made from the title."""

    title: ShortText
    slug: Slug | None = None
    summary: Summary = ""
    description: LongText = ""
    price: MoneyIn
    tax_rate: TaxRate = Decimal(20)
    image_url: ImageUrl | None = None


class CoursePatch(Patch):
    """Changed fields. A price counts for orders placed from now on."""

    nullable: ClassVar[frozenset[str]] = frozenset({"image_url"})

    title: ShortText | None = None
    slug: Slug | None = None
    summary: Summary | None = None
    description: LongText | None = None
    price: MoneyIn | None = None
    tax_rate: TaxRate | None = None
    status: Status | None = None
    image_url: ImageUrl | None = None


class SectionIn(In):
    """A new section; without a position it comes last."""

    title: ShortText
    position: Position | None = None


class SectionPatch(Patch):
    """Changed fields; ``position`` moves the section among its siblings."""

    title: ShortText | None = None
    position: Position | None = None


class LessonIn(In):
    """A new lesson. Text: ``body_html``, cleaned before it is kept. Video: an https address or an uploaded file."""

    title: ShortText
    kind: Kind
    body_html: LongText | None = None
    video_url: HttpsUrl | None = None
    video_file_id: Id | None = None
    duration_minutes: Minutes = 0
    position: Position | None = None


class LessonPatch(Patch):
    """Changed fields; with ``kind`` comes the new content."""

    nullable: ClassVar[frozenset[str]] = frozenset({"body_html", "video_url", "video_file_id"})

    title: ShortText | None = None
    kind: Kind | None = None
    body_html: LongText | None = None
    video_url: HttpsUrl | None = None
    video_file_id: Id | None = None
    duration_minutes: Minutes | None = None
    position: Position | None = None


class LessonBrief(Out):
    """A lesson's line in the table of contents."""

    id: Id
    title: str
    kind: Kind
    duration_minutes: int


class SectionOut(Out):
    """A section of the table of contents."""

    id: Id
    title: str
    lessons: list[LessonBrief]


class CourseCard(Out):
    """A course in a list."""

    id: Id
    slug: str
    title: str
    summary: str
    price: MoneyOut
    image_url: str | None
    lesson_count: int
    duration_minutes: int


class CourseDetail(CourseCard):
    """A course before it is bought; ``enrollment_id`` when the reader is in it."""

    description: str
    sections: list[SectionOut]
    enrollment_id: Id | None


class AdminLessonOut(LessonBrief):
    """A lesson as its author sees it."""

    body_html: str | None
    video_url: str | None
    video_file_id: Id | None
    position: int


class AdminSectionOut(Out):
    """A section as its author sees it."""

    id: Id
    title: str
    position: int
    lessons: list[AdminLessonOut]


class AdminCourseCard(CourseCard):
    """A course in the panel's list."""

    status: Status
    tax_rate: Decimal
    version: int


class AdminCourseOut(AdminCourseCard):
    """A course with everything in it."""

    description: str
    sections: list[AdminSectionOut]
