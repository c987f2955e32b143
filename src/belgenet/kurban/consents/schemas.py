from typing import Annotated, Literal

from pydantic import Field

from belgenet.core.web.pagination import PageQuery
from belgenet.core.web.schema import Id, In, Out, ShortText, Timestamp

Locale = Literal["tr", "en"]
ConsentBody = Annotated[str, Field(min_length=20, max_length=20_000)]


class ConsentTextIn(In):
    """A new version of the text of one language."""

    locale: Locale
    title: ShortText
    body: ConsentBody


class ConsentTextOut(Out):
    """A version. ``sha256`` is the hex digest of the body's UTF-8 bytes; a donor's consent repeats it."""

    id: Id
    version: int
    locale: Locale
    title: str
    body: str
    sha256: str


class AdminConsentTextOut(ConsentTextOut):
    """A version as the panel lists it."""

    created_at: Timestamp
    current: bool
    consent_count: int


class ConsentTextQuery(PageQuery):
    """Which versions."""

    locale: Locale | None = None
