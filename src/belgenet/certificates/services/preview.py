"""Trying a template out on sample data before anybody receives a certificate made with it."""

import json
from datetime import date
from functools import lru_cache
from importlib.resources import files
from typing import Any

from belgenet.certificates.interfaces import CertificateFacts, Fact, Line
from belgenet.certificates.services.documents import TemplateSource, context_of, verify_url
from belgenet.core.pdf import (
    BrokenTemplateError,
    IsolatedTemplateRenderer,
    PdfMetadata,
    PdfRenderError,
    PdfTemplate,
)
from belgenet.core.signing.qr import qr_markup
from belgenet.core.traversal import TenantInfo
from belgenet.core.web.errors import FieldProblem

SAMPLE_CODE = "0000000000000000"
_REFUSED_SHOWN = 5


class TemplateRefusedError(Exception):
    """The template cannot be used; ``problems`` say why, field by field."""

    def __init__(self, problems: list[FieldProblem]) -> None:
        super().__init__(", ".join(problem.code for problem in problems))
        self.problems = problems


@lru_cache(maxsize=1)
def _samples() -> dict[str, Any]:
    text = (files("belgenet.certificates") / "templates" / "samples.json").read_text("utf-8")
    samples: dict[str, Any] = json.loads(text)
    return samples


def _sample_context(tenant: TenantInfo, kind: str, locale: str, *, logo: bool) -> dict[str, Any]:
    samples = _samples()
    sample = samples.get(kind, samples["course_completion"])[locale]
    facts = CertificateFacts(
        title=sample["title"],
        summary=sample["summary"],
        facts=tuple(Fact(label, value) for label, value in sample["facts"]),
        lines=tuple(Line(name, detail) for name, detail in sample["lines"]),
    )
    return context_of(
        tenant,
        facts,
        recipient=sample["recipient"],
        code=SAMPLE_CODE,
        number="0000-000000",
        issued_on=date(2026, 11, 21),
        kind=kind,
        locale=locale,
        logo=logo,
    )


def preview(
    renderer: IsolatedTemplateRenderer,
    tenant: TenantInfo,
    source: TemplateSource,
    *,
    kind: str,
    locale: str,
    base_url: str,
    logo: bytes | None = None,
) -> bytes:
    """A PDF of ``source`` with sample data, not sealed and with a QR code that verifies nothing.

    :raises TemplateRefusedError: it does not expand, does not render, or asks for what templates may not have.
    """
    address = verify_url(base_url, SAMPLE_CODE)
    template = PdfTemplate(
        html=source.html,
        css=source.css,
        context={**_sample_context(tenant, kind, locale, logo=logo is not None), "verify_url": address},
        markup={"qr": qr_markup(address)},
        assets={"logo": logo} if logo else {},
        metadata=PdfMetadata(title="Preview", author=tenant.name, language=locale),
    )
    try:
        rendered = renderer.render(template)
    except BrokenTemplateError as error:
        params = {"line": error.line, "detail": error.detail}
        raise TemplateRefusedError([FieldProblem("html", f"template_{error.kind}", params)]) from error
    except PdfRenderError as error:
        raise TemplateRefusedError([FieldProblem("html", "template_render", {"detail": str(error)})]) from error
    if rendered.refused:
        refused = rendered.refused[:_REFUSED_SHOWN]
        raise TemplateRefusedError([FieldProblem("html", "template_resource", {"url": url}) for url in refused])
    return rendered.data
