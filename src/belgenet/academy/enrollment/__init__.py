"""Enrollments: who is in a course, and how far."""

from functools import cache
from typing import Any


def includeme(config: Any) -> None:
    from belgenet.academy.catalog.interfaces import EnrollmentLookup  # noqa: PLC0415
    from belgenet.academy.enrollment import views  # noqa: PLC0415 - Cornice services register when their module loads
    from belgenet.academy.enrollment.resources import EnrollmentsNode  # noqa: PLC0415
    from belgenet.academy.enrollment.services import certifiable, enroll, figures, sellable  # noqa: PLC0415
    from belgenet.certificates.interfaces import CertificateIssuer  # noqa: PLC0415
    from belgenet.core.security import Permission  # noqa: PLC0415

    @cache
    def issuer() -> CertificateIssuer:
        found: CertificateIssuer = config.find_service_factory(CertificateIssuer)(None, None)
        return found

    config.register_service(enroll.DatabaseEnrollmentLookup(), EnrollmentLookup)
    config.add_sellable(sellable.CourseSellable(issuer))
    config.add_certifiable(certifiable.CourseCompletion())
    config.add_account_merger(enroll.move_to_account)
    config.add_file_access("lesson", enroll.may_read_lesson)
    config.add_dashboard_card(figures.cards, permission=Permission.COURSE_MANAGE)
    config.add_tenant_child("enrollments", EnrollmentsNode)
    config.add_services(views)
