from typing import Annotated, Literal

from pydantic import Field

from belgenet.core.web.schema import Id, In, Out, Timestamp
from belgenet.files.services.purposes import Purpose

FileName = Annotated[str, Field(min_length=1, max_length=500)]
"""As the person's computer calls it; cleaned before it is stored."""
MediaType = Annotated[str, Field(max_length=100, pattern=r"^[a-z]+/[a-z0-9][a-z0-9.+-]*$")]


class UploadQuery(In):
    """What the file is for."""

    purpose: Purpose = "attachment"


class PresignIn(In):
    """A file that the browser will post to the object store itself; ``size`` in bytes."""

    name: FileName
    content_type: MediaType
    size: int = Field(ge=1, le=2**53)
    purpose: Purpose = "attachment"


class PresignOut(Out):
    """Post the ``fields`` and then the file, as ``multipart/form-data``, to ``url``; then call ``/files/{file_id}/complete``."""

    file_id: Id
    url: str
    fields: dict[str, str]
    expires_at: Timestamp


class FileQuery(In):
    """``download``: be sent to the bytes instead."""

    download: bool = False


class FileOut(Out):
    """A file. ``content_type`` was found in the bytes. ``download_url`` is good for minutes, ``content_url`` (public images) for
    as long as the file lives.
    """

    id: Id
    name: str
    purpose: Purpose
    content_type: str
    size: int
    sha256: str | None
    state: Literal["pending", "ready"]
    visibility: Literal["public", "private"]
    created_at: Timestamp
    content_url: str | None = None
    download_url: str | None = None
