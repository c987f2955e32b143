"""Optimistic locking over HTTP (RFC 9110, 13.1): contested writes must say which version they change."""

from typing import Any

from belgenet.core.web.errors import ErrorCode, Problem


def require_version(request: Any, current: int) -> None:
    """Check ``If-Match`` against the row's version.

    :raises Problem: ``version_required`` (428) without the header, ``version_mismatch`` (412) when somebody was faster.
    """
    given = request.headers.get("If-Match", "").strip()
    if not given:
        raise Problem(ErrorCode.VERSION_REQUIRED, 428)
    tags = {tag.strip().removeprefix("W/") for tag in given.split(",")}
    if given != "*" and f'"v{current}"' not in tags:
        raise Problem(ErrorCode.VERSION_MISMATCH, 412, params={"version": current})
