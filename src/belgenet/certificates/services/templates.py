"""Templates: the packaged ones, a tenant's own versions, and trying them out."""

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
from belgenet.core.i18n import LOCALES

GENERIC = "generic"
PACKAGED_KINDS = ("kurban_order", "course_completion")


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
    """The template that ships with the product; kinds without one of their own share a plain one."""
    folder = files("belgenet.certificates") / "templates"
    page = folder / f"{kind}.{locale}.html"
    if not page.is_file():
        page = folder / f"{GENERIC}.{locale}.html"
    return TemplateSource(page.read_text("utf-8"), (folder / "certificate.css").read_text("utf-8"))


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
