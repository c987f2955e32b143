"""The certificates API."""

from datetime import timedelta
from math import ceil
from typing import Any

from pyramid.response import Response

from belgenet.certificates import schemas as s
from belgenet.certificates.interfaces import CertificateIssuer, CertificateState, RevocationReason
from belgenet.certificates.models import Certificate
from belgenet.certificates.resources import CertificateNode, CertificatesNode, OrderCertificatesNode
from belgenet.certificates.services import lifecycle, read, verify
from belgenet.certificates.services.documents import verify_url
from belgenet.certificates.services.generate import PDF
from belgenet.certificates.services.keys import KeyStore
from belgenet.certificates.services.lifecycle import NotRevocableError
from belgenet.core import audit
from belgenet.core.db import utcnow
from belgenet.core.security import PUBLIC, Permission
from belgenet.core.signing.published import KeySet, SignedRevocations
from belgenet.core.signing.secretbox import SecretBox
from belgenet.core.storage import ObjectStore
from belgenet.core.web.errors import ErrorCode, Problem
from belgenet.core.web.pagination import Page, PageQuery, page
from belgenet.core.web.request import Request
from belgenet.core.web.service import API, TenantService, path_id

CODE_RE = "[0-9A-Za-z-]{8,40}"
_PUBLISHED = "public, max-age=300"

mine = TenantService("my_certificates", "/me/certificates", traverse="/certificates", tag="certificates")
one = TenantService(
    "certificate",
    f"/certificates/{path_id('certificate_id')}",
    traverse="/certificates/{certificate_id}",
    tag="certificates",
)
download = TenantService(
    "certificate_download",
    f"/certificates/{path_id('certificate_id')}/download",
    traverse="/certificates/{certificate_id}",
    tag="certificates",
)
verification = TenantService(
    "certificate_verification",
    f"/certificates/verify/{{code:{CODE_RE}}}",
    traverse="/certificates",
    tag="certificates",
)
keys = TenantService("certificate_keys", "/certificates/keys", traverse="/certificates", tag="certificates")
revocations = TenantService(
    "certificate_revocations", "/certificates/revocations", traverse="/certificates", tag="certificates"
)
admin_list = TenantService("admin_certificates", "/admin/certificates", traverse="/certificates", tag="admin")
admin_reissue = TenantService(
    "admin_certificate_reissue",
    f"/admin/certificates/{path_id('certificate_id')}/reissue",
    traverse="/certificates/{certificate_id}",
    tag="admin",
)
admin_revoke = TenantService(
    "admin_certificate_revoke",
    f"/admin/certificates/{path_id('certificate_id')}/revoke",
    traverse="/certificates/{certificate_id}",
    tag="admin",
)


def _fields(request: Request, row: Certificate) -> dict[str, Any]:
    ready = row.state == CertificateState.READY
    columns = {column.key: getattr(row, column.key) for column in Certificate.__table__.columns}
    return {
        **columns,
        "status": row.state,
        "title": (row.facts or {}).get("title"),
        "verify_url": verify_url(request.site_url, row.code),
        "download_url": f"{API}/certificates/{row.id}/download" if ready else None,
    }


def _out(request: Request, row: Certificate) -> s.CertificateOut:
    return s.CertificateOut.model_validate(_fields(request, row))


def _admin_out(request: Request, row: Certificate) -> s.AdminCertificateOut:
    return s.AdminCertificateOut.model_validate(_fields(request, row))


@mine.get(
    permission=Permission.CERTIFICATE_LIST_OWN,
    context=CertificatesNode,
    query=PageQuery,
    out=Page[s.CertificateOut],
)
def list_my_certificates(request: Request) -> Page[s.CertificateOut]:
    """The caller's certificates, newest first."""
    rows = read.of_owner(request.db, request.who.account_id, request.validated["query"])
    return page(rows, lambda row: _out(request, row))


@one.post(
    permission=Permission.CERTIFICATE_REQUEST,
    context=OrderCertificatesNode,
    out=s.CertificateOut,
    status=201,
    idempotent=True,
)
def request_certificate(request: Request) -> s.CertificateOut:
    """Ask for the certificates of an order (the id in the path is the order's); the first of them is answered.

    Certificates are issued without being asked for; this finds them, makes up for one that is missing, and lets one that failed
    try again: for its owner every five minutes (``Retry-After`` tells how long that still is), for the administrator always.
    """
    issuer = request.service(CertificateIssuer)
    manages = Permission.CERTIFICATE_MANAGE in request.who.permissions
    patience = timedelta() if manages else lifecycle.OWNER_RETRY
    found = [read.locked(request.db, issuer.request_issue(request.db, item)) for item in request.context.earned]
    left = max(lifecycle.retry(request.db, row, utcnow(), patience=patience) for row in found)
    if left:
        request.response.headers["Retry-After"] = str(ceil(left.total_seconds()))
    return _out(request, found[0])


@one.get(permission=Permission.CERTIFICATE_READ, context=CertificateNode, out=s.CertificateOut)
def get_certificate(request: Request) -> s.CertificateOut:
    """One certificate, for its owner or an administrator."""
    return _out(request, request.context.row)


@download.get(permission=Permission.CERTIFICATE_READ, context=CertificateNode, media_type=PDF, out=None)
def download_certificate(request: Request) -> Response:
    """The sealed PDF file; also of a revoked certificate, for the administrator only."""
    row: Certificate = request.context.row
    if row.object_key is None:
        raise Problem(ErrorCode.CERTIFICATE_NOT_READY, 409, params={"status": row.state})
    if row.state == CertificateState.REVOKED and Permission.CERTIFICATE_MANAGE not in request.who.permissions:
        raise Problem(ErrorCode.CERTIFICATE_REVOKED, 410)
    tag = f'"{row.sha256}"'
    if request.headers.get("If-None-Match") == tag:
        return Response(status=304, etag=row.sha256)
    data = request.service(ObjectStore).get(row.object_key)
    response = Response(data, content_type=PDF, etag=row.sha256)
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["Content-Disposition"] = f'attachment; filename="{row.number}.pdf"'
    return response


@verification.get(permission=PUBLIC, context=CertificatesNode, out=s.VerificationOut, rate="verify")
def verify_certificate(request: Request) -> s.VerificationOut:
    """How the certificate of a code stands. An unknown code is an answer, not an error."""
    view = verify.look_up(request.db, request.matchdict["code"])
    names = list(view.names)
    plain = {name: getattr(view, name) for name in view.__dataclass_fields__}
    return s.VerificationOut(**{**plain, "names": names, "issuer": request.tenant.name})


@keys.get(permission=PUBLIC, context=CertificatesNode, out=KeySet, rate="verify")
def list_certificate_keys(request: Request) -> KeySet:
    """Public keys and certificates of the tenant, past ones too: what an offline check needs."""
    request.response.headers["Cache-Control"] = _PUBLISHED
    return _keys(request).published(request.site_url, utcnow())


@revocations.get(permission=PUBLIC, context=CertificatesNode, out=SignedRevocations, rate="verify")
def list_revocations(request: Request) -> SignedRevocations:
    """Certificates that stand no longer, by digest of their codes, signed with a published key."""
    request.response.headers["Cache-Control"] = _PUBLISHED
    return verify.revocation_list(request.db, _keys(request), request.site_url, utcnow())


@admin_list.get(
    permission=Permission.CERTIFICATE_MANAGE,
    context=CertificatesNode,
    query=s.AdminCertificatesQuery,
    out=Page[s.AdminCertificateOut],
)
def list_certificates(request: Request) -> Page[s.AdminCertificateOut]:
    """All certificates of the tenant, newest first."""
    return page(read.search(request.db, request.validated["query"]), lambda row: _admin_out(request, row))


@admin_reissue.post(
    permission=Permission.CERTIFICATE_MANAGE,
    context=CertificateNode,
    body=s.ReissueIn,
    out=s.AdminCertificateOut,
    status=201,
    idempotent=True,
)
def reissue_certificate(request: Request) -> s.AdminCertificateOut:
    """Issue a certificate anew, with its own number and code. One that is valid stays so until the new one is READY, and is
    answered as replaced from then on; if the new one cannot be made, it simply stays.
    """
    body: s.ReissueIn = request.validated["body"]
    row = read.locked(request.db, request.context.row.id)
    try:
        fresh = lifecycle.reissue(request.db, row, body.reason, body.recipient, utcnow())
    except NotRevocableError as error:
        raise Problem(ErrorCode.CERTIFICATE_REVOKED, 409) from error
    after = {"reason": body.reason, "fresh": str(fresh.id)}
    audit.record(request, "certificate.reissue", "certificate", row.id, after=after)
    return _admin_out(request, fresh)


@admin_revoke.post(
    permission=Permission.CERTIFICATE_MANAGE,
    context=CertificateNode,
    body=s.RevokeIn,
    out=s.AdminCertificateOut,
)
def revoke_certificate(request: Request) -> s.AdminCertificateOut:
    """Let a certificate stand no longer; it appears on the published list at once."""
    body: s.RevokeIn = request.validated["body"]
    row = read.locked(request.db, request.context.row.id)
    before = {"status": row.state}
    try:
        lifecycle.revoke(request.db, row, RevocationReason(body.code), body.reason, utcnow())
    except NotRevocableError as error:
        raise Problem(ErrorCode.CERTIFICATE_REVOKED, 409) from error
    after = {"status": row.state, "reason": body.reason, "code": body.code}
    audit.record(request, "certificate.revoke", "certificate", row.id, before=before, after=after)
    return _admin_out(request, row)


def _keys(request: Request) -> KeyStore:
    return KeyStore(request.db, request.tenant, request.service(SecretBox))
