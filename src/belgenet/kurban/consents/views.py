from belgenet.core import audit
from belgenet.core.security import Permission
from belgenet.core.web.pagination import Page
from belgenet.core.web.request import Request
from belgenet.core.web.service import TenantService
from belgenet.kurban.consents import services
from belgenet.kurban.consents.models import ConsentText
from belgenet.kurban.consents.resources import ConsentTextsNode
from belgenet.kurban.consents.schemas import AdminConsentTextOut, ConsentTextIn, ConsentTextOut, ConsentTextQuery

texts = TenantService("admin_consent_texts", "/admin/consent-texts", traverse="/consent-texts", tag="kurban-admin")


@texts.get(
    permission=Permission.CAMPAIGN_MANAGE,
    context=ConsentTextsNode,
    query=ConsentTextQuery,
    out=Page[AdminConsentTextOut],
)
def list_consent_texts(request: Request) -> Page[AdminConsentTextOut]:
    """All versions of the vekâlet text, newest first."""
    rows, cursor = services.list_texts(request.db, request.validated["query"])
    current = {row.id for row in services.current_texts(request.db).values()}
    counts = services.consent_counts(request.db, [row.id for row in rows])
    return Page(
        items=[_out(row, current=row.id in current, consent_count=counts.get(row.id, 0)) for row in rows], next=cursor
    )


@texts.post(
    permission=Permission.CAMPAIGN_MANAGE,
    context=ConsentTextsNode,
    body=ConsentTextIn,
    out=AdminConsentTextOut,
    status=201,
    idempotent=True,
)
def publish_consent_text(request: Request) -> AdminConsentTextOut:
    """Publish a new version. Orders placed from now on must accept it; earlier versions stay as donors accepted them."""
    row = services.publish(request.db, request.validated["body"], request.who.account_id)
    after = {"locale": row.locale, "version": row.version, "sha256": row.sha256}
    audit.record(request, "consent_text.publish", "consent_text", row.id, after=after)
    return _out(row, current=True, consent_count=0)


def _out(row: ConsentText, *, current: bool, consent_count: int) -> AdminConsentTextOut:
    text = ConsentTextOut.model_validate(row).model_dump()
    return AdminConsentTextOut(**text, created_at=row.created_at, current=current, consent_count=consent_count)
