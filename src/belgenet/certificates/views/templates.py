"""Certificate templates, for the administrator: read, try out, change."""

from pyramid.response import Response

from belgenet.certificates import schemas as s
from belgenet.certificates.resources import TemplateNode, TemplatesNode
from belgenet.certificates.services.documents import TemplateSource
from belgenet.certificates.services.generate import PDF
from belgenet.certificates.services.logo import logo_of
from belgenet.certificates.services.preview import TemplateRefusedError, preview
from belgenet.certificates.services.templates import (
    TemplateChangedError,
    TemplateVersion,
    add_version,
    current_template,
)
from belgenet.core import audit
from belgenet.core.i18n import LOCALES
from belgenet.core.pdf import IsolatedTemplateRenderer
from belgenet.core.security import Permission
from belgenet.core.web.errors import ErrorCode, Problem
from belgenet.core.web.etag import require_version
from belgenet.core.web.pagination import Page
from belgenet.core.web.request import Request
from belgenet.core.web.service import TenantService
from belgenet.files.interfaces import FileLibrary

_KIND = "{kind:[a-z][a-z_]{1,40}}"

collection = TenantService(
    "certificate_templates", "/admin/certificate-templates", traverse="/certificate-templates", tag="admin"
)
template = TenantService(
    "certificate_template",
    f"/admin/certificate-templates/{_KIND}",
    traverse="/certificate-templates/{kind}",
    tag="admin",
)
trial = TenantService(
    "certificate_template_preview",
    f"/admin/certificate-templates/{_KIND}/preview",
    traverse="/certificate-templates/{kind}",
    tag="admin",
)


def _out(version: TemplateVersion) -> s.TemplateOut:
    return s.TemplateOut(
        kind=version.kind,
        locale=version.locale,
        version=version.number,
        customized=version.customized,
        changed_at=version.changed_at,
    )


def _detail(version: TemplateVersion) -> s.TemplateDetailOut:
    source = version.source
    return s.TemplateDetailOut(**_out(version).model_dump(), html=source.html, css=source.css)


@collection.get(permission=Permission.CERTIFICATE_TEMPLATE, context=TemplatesNode, out=Page[s.TemplateOut])
def list_certificate_templates(request: Request) -> Page[s.TemplateOut]:
    """The templates in use: each kind in each language."""
    pairs = [(kind, locale) for kind in request.context.kinds for locale in LOCALES]
    return Page(items=[_out(current_template(request.db, kind, locale)) for kind, locale in pairs])


@template.get(
    permission=Permission.CERTIFICATE_TEMPLATE,
    context=TemplateNode,
    query=s.TemplateQuery,
    out=s.TemplateDetailOut,
)
def get_certificate_template(request: Request) -> s.TemplateDetailOut:
    """HTML and CSS of the template in use."""
    return _detail(current_template(request.db, request.context.__name__, request.validated["query"].locale))


@template.patch(
    permission=Permission.CERTIFICATE_TEMPLATE,
    context=TemplateNode,
    body=s.TemplatePatch,
    out=s.TemplateDetailOut,
)
def change_certificate_template(request: Request) -> s.TemplateDetailOut:
    """Use a new version from now on. It is tried out first; certificates already made stay as they are."""
    body: s.TemplatePatch = request.validated["body"]
    current = current_template(request.db, request.context.__name__, body.locale)
    require_version(request, current.number)
    if not body.reset:
        _try(request, current, body)
    try:
        changed = add_version(
            request.db,
            current,
            html=body.html,
            css=body.css,
            packaged=body.reset,
            author_id=request.who.account_id,
        )
    except TemplateChangedError as error:
        raise Problem(ErrorCode.VERSION_MISMATCH, 412, params={"version": current.number + 1}) from error
    target = f"{current.kind}.{current.locale}"
    before, after = {"version": current.number}, {"version": changed.number, "reset": body.reset}
    audit.record(request, "certificate_template.change", "certificate_template", target, before=before, after=after)
    return _detail(changed)


@trial.post(
    permission=Permission.CERTIFICATE_TEMPLATE,
    context=TemplateNode,
    body=s.TemplateSourceIn,
    out=None,
    media_type=PDF,
    rate="verify",
)
def preview_certificate_template(request: Request) -> Response:
    """A PDF with sample data, made from the HTML and CSS sent, or from those in use."""
    body: s.TemplateSourceIn = request.validated["body"]
    current = current_template(request.db, request.context.__name__, body.locale)
    response = Response(_try(request, current, body), content_type=PDF)
    response.headers["Cache-Control"] = "no-store"
    return response


def _try(request: Request, current: TemplateVersion, body: s.TemplateSourceIn) -> bytes:
    used = current.source
    html = body.html if body.html is not None else used.html
    css = body.css if body.css is not None else used.css
    logo = logo_of(request.tenant, request.service(FileLibrary))
    request.commit_and_continue()  # laying out takes seconds; no database connection waits for it
    try:
        return preview(
            request.service(IsolatedTemplateRenderer),
            request.tenant,
            TemplateSource(html, css),
            kind=current.kind,
            locale=current.locale,
            base_url=request.site_url,
            logo=logo,
        )
    except TemplateRefusedError as error:
        raise Problem(ErrorCode.TEMPLATE_INVALID, 422, fields=error.problems) from error
