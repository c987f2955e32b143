"""What a file may be for, and what follows from that."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from belgenet.core.security import Permission
from belgenet.core.web.errors import ErrorCode, Problem

Purpose = Literal["attachment", "avatar", "course_material", "course_image", "campaign_image", "logo"]

MIB: Final = 1024 * 1024
IMAGES: Final = frozenset(
    {"image/png", "image/apng", "image/jpeg", "image/webp", "image/gif", "image/avif"}
)  # never SVG: it carries scripts
_OFFICE = "application/vnd.openxmlformats-officedocument"
_OPEN = "application/vnd.oasis.opendocument"
DOCUMENTS: Final = frozenset(
    {
        "application/pdf",
        "application/rtf",
        "application/msword",
        "application/vnd.ms-excel",
        "application/vnd.ms-powerpoint",
        f"{_OFFICE}.wordprocessingml.document",
        f"{_OFFICE}.spreadsheetml.sheet",
        f"{_OFFICE}.presentationml.presentation",
        f"{_OPEN}.text",
        f"{_OPEN}.spreadsheet",
        f"{_OPEN}.presentation",
        "text/plain",
    }
)
MEDIA: Final = frozenset(
    {
        "video/mp4",
        "video/x-m4v",
        "video/webm",
        "video/quicktime",
        "audio/mpeg",
        "audio/mp4",
        "audio/ogg",
        "audio/x-wav",
    }
)
ARCHIVES: Final = frozenset({"application/zip", "application/epub+zip"})


@dataclass(frozen=True, slots=True)
class Rule:
    """What files of a purpose must be like. ``max_bytes`` None: the installation's limit only."""

    types: frozenset[str]
    max_bytes: int | None = None
    public: bool = False
    permission: Permission | None = None
    """Needed beside ``file:upload``, because the file will be seen by others."""

    def limit(self, installation: int) -> int:
        """Largest size in bytes."""
        return installation if self.max_bytes is None else min(self.max_bytes, installation)


_PICTURE = 10 * MIB
PURPOSES: Final[Mapping[Purpose, Rule]] = {
    "attachment": Rule(IMAGES | DOCUMENTS),
    "avatar": Rule(IMAGES, 5 * MIB),
    "course_material": Rule(IMAGES | DOCUMENTS | MEDIA | ARCHIVES, permission=Permission.COURSE_MANAGE),
    "course_image": Rule(IMAGES, _PICTURE, public=True, permission=Permission.COURSE_MANAGE),
    "campaign_image": Rule(IMAGES, _PICTURE, public=True, permission=Permission.CAMPAIGN_MANAGE),
    "logo": Rule(IMAGES, _PICTURE, public=True, permission=Permission.SITE_WRITE),
}


def rule_for(purpose: Purpose, permissions: Iterable[Permission]) -> Rule:
    """The purpose's rule. :raises Problem: ``forbidden`` when the caller may not upload for it."""
    rule = PURPOSES[purpose]
    if rule.permission is not None and rule.permission not in permissions:
        raise Problem(ErrorCode.FORBIDDEN, 403)
    return rule


def check_type(rule: Rule, content_type: str) -> None:
    """:raises Problem: ``file_type_not_allowed``."""
    if content_type not in rule.types:
        raise Problem(ErrorCode.FILE_TYPE_NOT_ALLOWED, 415, params={"content_type": content_type})


def check_size(rule: Rule, size: int, installation: int) -> None:
    """:raises Problem: ``file_empty``, ``file_too_large``."""
    limit = rule.limit(installation)
    if size == 0:
        raise Problem(ErrorCode.FILE_EMPTY, 400)
    if size > limit:
        raise Problem(ErrorCode.FILE_TOO_LARGE, 413, params={"limit": limit})
