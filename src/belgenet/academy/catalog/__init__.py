"""Courses, their sections and lessons."""

from typing import Any


def includeme(config: Any) -> None:
    from belgenet.academy.catalog import admin_views, resources, views  # noqa: PLC0415 - Cornice registers on load

    config.add_tenant_child("courses", resources.PublicCoursesNode)
    config.add_tenant_child("admin-courses", resources.CoursesNode)
    config.add_tenant_child("sections", resources.SectionsNode)
    config.add_tenant_child("lessons", resources.LessonsNode)
    config.add_services(views)
    config.add_services(admin_views)
