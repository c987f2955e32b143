"""Roles (requirements A5) and what each may do anywhere in its tenant. Rights that hang on one object (my order, my file) are
added by that object's traversal node.
"""

from enum import StrEnum

from belgenet.core.security.permissions import Permission as P  # noqa: N817 - a table of them


class Role(StrEnum):
    """Roles of an account within one tenant; SUPER_ADMIN belongs to the platform."""

    GUEST = "GUEST"
    STUDENT = "STUDENT"
    DONOR = "DONOR"
    INSTRUCTOR = "INSTRUCTOR"
    OPERATOR = "OPERATOR"
    TENANT_ADMIN = "TENANT_ADMIN"
    SUPER_ADMIN = "SUPER_ADMIN"


_SELF = frozenset({P.PROFILE_READ, P.PROFILE_WRITE})
_BUYER = _SELF | {P.ORDER_PLACE, P.ORDER_LIST_OWN, P.CERTIFICATE_LIST_OWN, P.ENROLLMENT_LIST_OWN}
_STAFF = _BUYER | {P.FILE_UPLOAD, P.DASHBOARD_READ}

ROLE_MATRIX: dict[Role, frozenset[P]] = {
    Role.GUEST: _BUYER,
    Role.STUDENT: _BUYER | {P.FILE_UPLOAD},
    Role.DONOR: _BUYER | {P.FILE_UPLOAD},
    Role.INSTRUCTOR: _STAFF | {P.COURSE_MANAGE},
    Role.OPERATOR: _STAFF | {P.ORDER_READ},
    Role.TENANT_ADMIN: frozenset(P) - {P.PLATFORM_TENANTS},
    Role.SUPER_ADMIN: _SELF | {P.PLATFORM_TENANTS},
}
