"""What the certificates API takes and gives."""

from datetime import date
from typing import Literal

from pydantic import Field

from belgenet.certificates.interfaces import RevocationReason
from belgenet.core.web.pagination import PageQuery
from belgenet.core.web.schema import Id, In, Out, PersonName, ShortText, Timestamp

Status = Literal["PENDING", "GENERATING", "READY", "FAILED", "REVOKED"]
Locale = Literal["tr", "en"]


class CertificateOut(Out):
    """A certificate as its owner sees it. ``download_url`` is set while it can be downloaded; ``replaces`` names the valid
    certificate whose place this one takes as soon as it is READY.
    """

    id: Id
    status: Status
    kind: str
    number: str | None
    code: str
    title: str | None
    recipient: str
    locale: str
    order_id: Id | None
    subject_id: Id
    issued_on: date | None
    created_at: Timestamp
    ready_at: Timestamp | None
    revoked_at: Timestamp | None
    revocation_reason: RevocationReason | None
    replaced_by: Id | None
    replaces: Id | None
    verify_url: str
    download_url: str | None
    version: int


class AdminCertificateOut(CertificateOut):
    """A certificate as the administrator sees it."""

    owner_id: Id
    email: str
    current: bool
    attempts: int
    last_error: str | None
    revocation_note: str | None
    sha256: str | None
    pages: int | None


class AdminCertificatesQuery(PageQuery):
    """Filters of the administrator's list; ``q``: a code, or beginnings of words in recipient, e-mail and number."""

    status: Status | None = None
    q: str | None = Field(default=None, min_length=1, max_length=200)


class RevokeIn(In):
    """Why a certificate shall stand no longer; ``reason`` is for the institution, only ``code`` is published."""

    reason: ShortText
    code: Literal["issued_in_error", "refunded", "other"] = "other"


class ReissueIn(In):
    """Why a certificate is issued anew, and the recipient's name if it was wrong."""

    reason: ShortText
    recipient: PersonName | None = None


class VerificationOut(Out):
    """How a certificate stands, for anyone who has its code; names are masked."""

    status: Literal["valid", "revoked", "replaced", "unknown"]
    code: str
    issuer: str
    number: str | None
    kind: str | None
    title: str | None
    recipient: str | None
    names: list[str]
    issued_on: date | None
    revoked_at: Timestamp | None
    reason: RevocationReason | None


class TemplateOut(Out):
    """The template in use for a kind and language; ``version`` 0 is the packaged one, never changed."""

    kind: str
    locale: str
    version: int
    customized: bool
    changed_at: Timestamp | None


class TemplateDetailOut(TemplateOut):
    """A template with its source."""

    html: str
    css: str


class TemplateQuery(In):
    """Which language's template."""

    locale: Locale = "tr"


class TemplateSourceIn(In):
    """HTML and CSS to use or try; what is left out stays as it is."""

    locale: Locale = "tr"
    html: str | None = Field(default=None, min_length=1, max_length=100_000)
    css: str | None = Field(default=None, max_length=100_000)


class TemplatePatch(TemplateSourceIn):
    """A change of the template; ``reset`` goes back to the packaged one."""

    reset: bool = False
