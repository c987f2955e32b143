"""Templates: the packaged ones, a tenant's own versions, and trying them out."""

import re
import uuid
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from importlib.resources import files

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from belgenet.certificates.models import CertificateTemplate
from belgenet.certificates.services.documents import TemplateSource
from belgenet.core.i18n import LOCALES, translate

GENERIC = "generic"
PACKAGED_KINDS = ("kurban_order", "course_completion")
_SLOT = re.compile(r"\[\[ (\w+) \]\]")
"""Where the page takes a word; Jinja knows nothing of it."""
_OWN_SUMMARY = '{% if summary %}<p class="statement">{{ summary }}</p>{% endif %}\n'
"""What the domain says of a certificate, where the product has no statement for its kind."""


class TemplateChangedError(Exception):
    """Somebody else has written the next version meanwhile."""


@dataclass(frozen=True, slots=True)
class TemplateVersion:
    """The template in use for a kind and language; ``number`` 0 is the packaged one before any change."""

    kind: str
    locale: str
    number: int
    customized: bool
    source: TemplateSource
    changed_at: datetime | None


@lru_cache(maxsize=16)
def packaged_template(kind: str, locale: str) -> TemplateSource:
    """The template that ships with the product: one page, with the words of the kind and the language put in. Kinds without words
    of their own share plain ones.

    The result is a whole page, so that an administrator who changes it has all of it in hand and no update changes theirs.
    """
    folder = files("belgenet.certificates") / "templates"
    kind = kind if kind in PACKAGED_KINDS else GENERIC
    words = {"locale": locale, **_words(kind, locale)}
    html = _SLOT.sub(lambda slot: words[slot[1]], (folder / "page.html").read_text("utf-8"))
    return TemplateSource(html, (folder / "certificate.css").read_text("utf-8"))


def _words(kind: str, locale: str) -> dict[str, str]:
    words = {name: _text(locale, name) for name in ("number", "issued_on", "code", "sealed", "scan")}
    words["seal"] = _text(locale, "seal", issuer="{{ tenant.name }}")
    words |= {name: _text(locale, f"{kind}.{name}") for name in ("heading", "lead", "lines")}
    if kind == GENERIC:
        return words | {"before": "", "after": _OWN_SUMMARY}
    statement = _text(locale, f"{kind}.statement")
    return words | {"before": f'<p class="statement">{statement}</p>\n', "after": ""}


def _text(locale: str, key: str, **params: str) -> str:
    return translate(locale, f"certificates.page.{key}", **params)


def current_template(session: Session, kind: str, locale: str) -> TemplateVersion:
    """The version in use now."""
    newest = (
        select(CertificateTemplate)
        .where(CertificateTemplate.kind == kind, CertificateTemplate.locale == locale)
        .order_by(CertificateTemplate.number.desc())
        .limit(1)
    )
    row = session.scalar(newest)
    if row is None:
        return TemplateVersion(kind, locale, 0, False, packaged_template(kind, locale), None)
    own = TemplateSource(row.html, row.css, row.id)
    source = packaged_template(kind, locale) if row.packaged else own
    return TemplateVersion(kind, locale, row.number, not row.packaged, source, row.created_at)


def template_for(session: Session, kind: str, locale: str) -> TemplateSource:
    """What a certificate is made from; unknown languages get the product's first."""
    return current_template(session, kind, locale if locale in LOCALES else LOCALES[0]).source


def add_version(
    session: Session,
    current: TemplateVersion,
    *,
    html: str | None,
    css: str | None,
    packaged: bool,
    author_id: uuid.UUID | None,
) -> TemplateVersion:
    """Write the next version.

    :raises TemplateChangedError: of two writers at once the second fails on the version's number.
    """
    session.add(
        CertificateTemplate(
            kind=current.kind,
            locale=current.locale,
            number=current.number + 1,
            html="" if packaged else (html if html is not None else current.source.html),
            css="" if packaged else (css if css is not None else current.source.css),
            packaged=packaged,
            author_id=author_id,
        )
    )
    try:
        session.flush()
    except IntegrityError as error:
        raise TemplateChangedError(current.kind) from error
    return current_template(session, current.kind, current.locale)
