from datetime import timedelta

from pyramid.response import Response

from belgenet.core import audit
from belgenet.core.security import Permission
from belgenet.core.storage import NoSuchObject, ObjectStore, StorageUnavailable
from belgenet.core.web.errors import ErrorCode, Problem
from belgenet.core.web.redirect import see_other
from belgenet.core.web.request import Request
from belgenet.core.web.service import TenantService, path_id
from belgenet.files.interfaces import Scanner
from belgenet.files.models import File
from belgenet.files.resources import FileNode, FilesNode
from belgenet.files.schemas import FileOut, FileQuery, PresignIn, PresignOut, UploadQuery
from belgenet.files.serve import public_image
from belgenet.files.services import quota, removal
from belgenet.files.services.intake import Announcement, Intake, unavailable
from belgenet.files.services.library import content_path, link_to
from belgenet.files.services.purposes import rule_for
from belgenet.files.services.received import received_form

ITEM = "/files/" + path_id("file_id")
FORM_BYTES = 16 * 1024
"""Room for what a form has around its file."""

upload = TenantService("files_upload", "/files/upload", traverse="/files", tag="files")
presign = TenantService("files_presign", "/files/presign-upload", traverse="/files", tag="files")
item = TenantService("file", ITEM, traverse="/files/{file_id}", tag="files")
completion = TenantService("file_complete", f"{ITEM}/complete", traverse="/files/{file_id}", tag="files")
content = TenantService("file_content", f"{ITEM}/content", traverse="/files/{file_id}", tag="files")


@upload.post(
    permission=Permission.FILE_UPLOAD,
    context=FilesNode,
    query=UploadQuery,
    out=FileOut,
    status=201,
    rate="default",
    body_media_type="multipart/form-data",
)
def upload_file(request: Request) -> FileOut:
    """Upload one file as the field ``file`` of a form. The type is found in the bytes; name and header of the form only name it."""
    query: UploadQuery = request.validated["query"]
    limit = rule_for(query.purpose, request.who.permissions).limit(request.settings.storage.max_upload_bytes)
    if (request.content_length or 0) > limit + FORM_BYTES:
        raise Problem(ErrorCode.FILE_TOO_LARGE, 413, params={"limit": limit})
    with received_form(request.body_file, request.headers.get("Content-Type", ""), limit) as (name, found):
        return _out(request, _intake(request).add(request.who, query.purpose, name, found))


@presign.post(
    permission=Permission.FILE_UPLOAD, context=FilesNode, body=PresignIn, out=PresignOut, status=201, rate="default"
)
def presign_upload(request: Request) -> PresignOut:
    """Announce a file and get a form with which the browser posts it to the object store, past this server."""
    body: PresignIn = request.validated["body"]
    life = timedelta(seconds=request.settings.storage.presign_seconds)
    row, form = _intake(request).announce(request.who, Announcement(**body.model_dump()), life)
    if row.upload_expires_at is None:
        raise RuntimeError("an announced file has no deadline")
    return PresignOut(file_id=row.id, url=form.url, fields=form.fields, expires_at=row.upload_expires_at)


@completion.post(permission=Permission.FILE_UPLOAD, context=FileNode, out=FileOut, rate="default")
def complete_upload(request: Request) -> FileOut:
    """Say that the browser has posted the file. It is read, checked and only then readable; asking twice is fine."""
    return _out(request, _intake(request).complete(request.context.row))


@item.get(permission=Permission.FILE_READ, context=FileNode, query=FileQuery, out=FileOut, redirects=True)
def get_file(request: Request) -> FileOut | Response:
    """A file's description with a short-lived address of its bytes, or (``?download=1``) a redirect to them."""
    query: FileQuery = request.validated["query"]
    return _redirect(request) if query.download else _out(request, request.context.row)


@content.get(
    permission=Permission.FILE_READ,
    context=FileNode,
    out=None,
    media_type="application/octet-stream",
    redirects=True,
)
def get_file_content(request: Request) -> Response:
    """The bytes: a public image itself, to be cached for ever; anything else by redirect to a short-lived address, which answers
    range requests.
    """
    row: File = request.context.row
    if not row.readable_by_all:
        return _redirect(request)
    try:
        return public_image(request, request.service(ObjectStore), row)
    except (StorageUnavailable, NoSuchObject) as error:
        raise unavailable() from error


@item.delete(permission=Permission.FILE_DELETE, context=FileNode, status=204)
def delete_file(request: Request) -> None:
    """Delete a file. Nobody finds it from now on; its bytes go too unless another file of the tenant has the same."""
    row: File = request.context.row
    removal.delete(request.db, row)
    audit.record(request, "file.delete", "file", row.id, before={"name": row.name, "purpose": row.purpose})


def _intake(request: Request) -> Intake:
    limit = request.tenant.overrides.get(quota.OVERRIDE)
    return Intake(
        request.db,
        request.service(ObjectStore),
        request.service(Scanner),
        request.commit_and_continue,
        request.settings.storage.max_upload_bytes,
        limit if isinstance(limit, int) else None,
    )


def _redirect(request: Request) -> Response:
    row: File = request.context.row
    if row.state != "ready":
        raise Problem(ErrorCode.FILE_NOT_UPLOADED, 409)
    return see_other(link_to(request.service(ObjectStore), row))


def _out(request: Request, row: File) -> FileOut:
    out = FileOut.model_validate(row)
    if row.state == "ready":
        out.download_url = link_to(request.service(ObjectStore), row)
        out.content_url = content_path(row.id) if row.readable_by_all else None
    return out
