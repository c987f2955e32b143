import io
import tempfile
from contextlib import ExitStack

from pyramid.response import FileIter, Response

from belgenet.admin.resources import AuditNode
from belgenet.admin.schemas import AuditFilter, AuditOut, AuditQuery, ChainOut
from belgenet.admin.services import journal
from belgenet.admin.views.naming import named
from belgenet.core import audit
from belgenet.core.security import Permission
from belgenet.core.web.pagination import Page, page
from belgenet.core.web.request import Request
from belgenet.core.web.service import TenantService

IN_MEMORY = 1024 * 1024
log = TenantService("audit", "/admin/audit", traverse="/audit", tag="admin")
proof = TenantService("audit_verify", "/admin/audit/verify", traverse="/audit", tag="admin")
export = TenantService("audit_export", "/admin/audit/export", traverse="/audit", tag="admin")


@log.get(permission=Permission.AUDIT_READ, context=AuditNode, query=AuditQuery, out=Page[AuditOut])
def list_audit_events(request: Request) -> Page[AuditOut]:
    """Who did what to what, newest first."""
    found = journal.find(request.db, request.validated["query"])
    names = named(request, journal.actors(found[0]))
    return page(found, lambda row: journal.event_out(row, names))


@proof.get(permission=Permission.AUDIT_READ, context=AuditNode, out=ChainOut)
def verify_audit(request: Request) -> ChainOut:
    """Whether any recorded act was changed or taken away since it was sealed."""
    return journal.verdict(request.db)


@export.get(permission=Permission.AUDIT_READ, context=AuditNode, query=AuditFilter, out=None, media_type="text/csv")
def export_audit(request: Request) -> Response:
    """Matching events as CSV in UTF-8, at most 100,000. The export is itself recorded."""
    query: AuditFilter = request.validated["query"]
    with ExitStack() as stack:
        body = stack.enter_context(tempfile.SpooledTemporaryFile(max_size=IN_MEMORY))
        body.write(b"\xef\xbb\xbf")  # spreadsheets take text without a mark for their own code page
        text = io.TextIOWrapper(body, encoding="utf-8", newline="", write_through=True)
        count = journal.write_csv(request.db, query, text)
        text.detach()
        audit.record(request, "audit.export", "audit", request.tenant.id, after={"events": count})
        stack.pop_all()  # from here on the server closes it, with the response
    size = body.tell()
    body.seek(0)
    response: Response = request.response
    response.content_type = "text/csv"
    response.charset = "utf-8"
    response.app_iter = FileIter(body)
    response.content_length = size
    response.headers["Content-Disposition"] = f'attachment; filename="{request.tenant.slug}-audit.csv"'
    response.headers["Cache-Control"] = "no-store"
    return response
