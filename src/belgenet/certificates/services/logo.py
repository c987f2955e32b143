"""The institution's logo on its certificates."""

import re
from uuid import UUID

from belgenet.core.storage import NoSuchObject
from belgenet.core.traversal import TenantInfo
from belgenet.files.interfaces import FileLibrary

MAX_BYTES = 1024 * 1024
"""A larger picture would be in every certificate; the monogram is printed instead."""
_OURS = re.compile(r"/files/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?:/content)?")


def logo_of(tenant: TenantInfo, library: FileLibrary) -> bytes | None:
    """The uploaded, public logo; None without one, and for a logo at a foreign address: documents fetch nothing."""
    match = _OURS.search(tenant.branding.get("logo_url") or "")
    if match is None:
        return None
    file_id = UUID(match.group(1))
    info = library.get(file_id)
    if info is None or not info.public or info.size > MAX_BYTES:
        return None
    try:
        return library.read(file_id)
    except NoSuchObject:
        return None
