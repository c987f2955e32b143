"""From facts to a sealed PDF file; knows neither database nor queue."""

import hashlib
import uuid
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from belgenet.certificates.interfaces import CertificateFacts
from belgenet.certificates.services.codes import grouped_code
from belgenet.core.i18n import initial
from belgenet.core.pdf import PdfMetadata, PdfRenderer, PdfTemplate, render_template
from belgenet.core.signing.keys import load_ed25519
from belgenet.core.signing.qr import INFO_KEY, QrPayload, facts_digest, qr_markup, recipient_digest
from belgenet.core.traversal import TenantInfo

DEFAULT_COLOR = "#0b7285"


@dataclass(frozen=True, slots=True)
class TemplateSource:
    """HTML and CSS of a template, and the version's id (None: the packaged one)."""

    html: str
    css: str
    id: Any = None


@dataclass(frozen=True, slots=True)
class Keys:
    """What a document is signed with: ids, PEM and private keys (PKCS#8 DER)."""

    qr_kid: str
    qr_private: bytes
    pdf_certificate: str
    pdf_private: bytes


@dataclass(frozen=True, slots=True)
class Job:
    """A claimed certificate and all that is needed to make its file without the database."""

    certificate_id: uuid.UUID
    generation: uuid.UUID
    code: str
    kind: str
    requested_at: datetime
    context: dict[str, Any]
    source: TemplateSource
    keys: Keys
    logo: bytes | None


@dataclass(frozen=True, slots=True)
class Sealed:
    """A finished file."""

    data: bytes
    sha256: str
    pages: int


def context_of(
    tenant: TenantInfo,
    facts: CertificateFacts,
    *,
    recipient: str,
    code: str,
    number: str,
    issued_on: date,
    kind: str,
    locale: str,
    logo: bool = False,
) -> dict[str, Any]:
    """Everything a template may print, as plain JSON; kept with the certificate and digested into its QR code."""
    branding = tenant.branding
    name = tenant.name.strip() or tenant.slug
    return {
        "recipient": recipient,
        "title": facts.title,
        "summary": facts.summary,
        "facts": [{"label": item.label, "value": item.value} for item in facts.facts],
        "lines": [{"name": item.name, "detail": item.detail} for item in facts.lines],
        "certificate": {
            "number": number,
            "code": grouped_code(code),
            "issued_on": issued_on.isoformat(),
            "kind": kind,
            "locale": locale,
        },
        "tenant": {
            "name": name,
            "initial": initial(name, tenant.locale),
            "tagline": (branding.get("tagline") or {}).get(locale, ""),
            "color": branding.get("primary_color") or DEFAULT_COLOR,
            "logo": logo,
        },
    }


def make_document(renderer: PdfRenderer, job: Job, base_url: str) -> Sealed:
    """Render, put the signed QR code in, seal.

    :param base_url: scheme, host and port of the tenant, for the QR code.
    :raises BrokenTemplateError, PdfRenderError: the template is at fault.
    """
    # pyHanko takes half a second to import; the web process never seals.
    from belgenet.core.signing.pades import SealingKey, seal_pdf  # noqa: PLC0415

    context, printed = job.context, job.context["certificate"]
    payload = QrPayload(
        code=job.code,
        number=printed["number"],
        issued_on=date.fromisoformat(printed["issued_on"]),
        recipient=recipient_digest(job.code, context["recipient"]),
        facts=facts_digest(context),
        kid=job.keys.qr_kid,
    )
    text = payload.sign(base_url, load_ed25519(job.keys.qr_private))
    template = PdfTemplate(
        html=job.source.html,
        css=job.source.css,
        context={**context, "verify_url": verify_url(base_url, job.code)},
        markup={"qr": qr_markup(text)},
        assets={"logo": job.logo} if job.logo else {},
        metadata=PdfMetadata(
            title=f"{context['title']} – {printed['number']}",
            author=context["tenant"]["name"],
            language=printed["locale"],
            created=datetime.now(UTC),
            custom={INFO_KEY: text},
        ),
    )
    rendered = render_template(renderer, template)
    sealed = seal_pdf(
        rendered.data, SealingKey(job.keys.pdf_certificate, job.keys.pdf_private), reason=printed["number"]
    )
    return Sealed(sealed, hashlib.sha256(sealed).hexdigest(), rendered.pages)


def verify_url(base_url: str, code: str) -> str:
    """Address of the public verification page of a certificate."""
    return f"{base_url}/verify/{code}"
