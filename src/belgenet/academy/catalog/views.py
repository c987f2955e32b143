from belgenet.academy.catalog.interfaces import EnrollmentLookup
from belgenet.academy.catalog.models import Course
from belgenet.academy.catalog.resources import CourseNode, PublicCoursesNode
from belgenet.academy.catalog.schemas import CourseCard, CourseDetail, LessonBrief, SectionOut
from belgenet.academy.catalog.services import cards, contents, courses
from belgenet.core.security import PUBLIC
from belgenet.core.web.pagination import Page, PageQuery
from belgenet.core.web.request import Request
from belgenet.core.web.service import SLUG_RE, TenantService

course_list = TenantService("courses", "/courses", traverse="/courses", tag="academy")
course = TenantService("course", f"/courses/{{course:{SLUG_RE}}}", traverse="/courses/{course}", tag="academy")


@course_list.get(permission=PUBLIC, context=PublicCoursesNode, query=PageQuery, out=Page[CourseCard])
def list_courses(request: Request) -> Page[CourseCard]:
    """Courses for sale, in the order of the Turkish alphabet."""
    rows, cursor = courses.list_published(request.db, request.validated["query"])
    return Page(items=cards.cards(request.db, rows), next=cursor)


@course.get(permission=PUBLIC, context=CourseNode, out=CourseDetail)
def get_course(request: Request) -> CourseDetail:
    """A course by its slug or id, with its table of contents and whether the reader is enrolled."""
    row: Course = request.context.row
    found = contents.chapters(request.db, row.id, bodies=False)
    who = request.identity
    enrollment_id = request.service(EnrollmentLookup).active_id(request.db, who.account_id, row.id) if who else None
    sections = [
        SectionOut(
            id=item.section.id,
            title=item.section.title,
            lessons=[LessonBrief.model_validate(lesson) for lesson in item.lessons],
        )
        for item in found
    ]
    card = cards.card(row, cards.extent_of(found))
    return CourseDetail(
        **card.model_dump(), description=row.description, sections=sections, enrollment_id=enrollment_id
    )
