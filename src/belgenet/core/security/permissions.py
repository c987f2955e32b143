from enum import StrEnum
from typing import Final

from pyramid.security import NO_PERMISSION_REQUIRED

PUBLIC: Final = NO_PERMISSION_REQUIRED
"""Say it out loud: this operation is for everybody."""


class Permission(StrEnum):
    """Everything a role can be allowed, ``<domain>:<action>``. One list, so that a reviewer sees the whole surface."""

    # accounts
    PROFILE_READ = "profile:read"
    PROFILE_WRITE = "profile:write"
    USER_READ = "user:read"
    USER_WRITE = "user:write"
    # commerce
    ORDER_PLACE = "order:place"
    ORDER_LIST_OWN = "order:list-own"
    ORDER_READ = "order:read"
    ORDER_PAY = "order:pay"
    ORDER_MANAGE = "order:manage"
    ORDER_REFUND = "order:refund"
    # certificates
    CERTIFICATE_LIST_OWN = "certificate:list-own"
    CERTIFICATE_READ = "certificate:read"
    CERTIFICATE_REQUEST = "certificate:request"
    CERTIFICATE_MANAGE = "certificate:manage"
    CERTIFICATE_TEMPLATE = "certificate:template"
    # files
    FILE_UPLOAD = "file:upload"
    FILE_READ = "file:read"
    FILE_DELETE = "file:delete"
    # academy
    ENROLLMENT_LIST_OWN = "enrollment:list-own"
    ENROLLMENT_READ = "enrollment:read"
    ENROLLMENT_PROGRESS = "enrollment:progress"
    COURSE_MANAGE = "course:manage"
    # kurban
    CAMPAIGN_MANAGE = "campaign:manage"
    # admin
    DASHBOARD_READ = "dashboard:read"
    SITE_WRITE = "site:write"
    TASKS_MANAGE = "tasks:manage"
    AUDIT_READ = "audit:read"
    # platform
    PLATFORM_TENANTS = "platform:tenants"
