"""Becoming known to a tenant: registering, verifying, going on as a guest."""

from belgenet.accounts.resources import AuthNode
from belgenet.accounts.schemas import GuestIn, RegisterIn, SessionOut, VerifyIn
from belgenet.accounts.services.attempts import Applicant
from belgenet.accounts.services.registration import Registration
from belgenet.accounts.views.desk import (
    hasher_of,
    limit_by_email,
    merging_of,
    open_session,
    session_out,
)
from belgenet.core.security import PUBLIC
from belgenet.core.web.request import Request
from belgenet.core.web.schema import Empty
from belgenet.core.web.service import TenantService

register_service = TenantService("register", "/auth/register", traverse="/auth", tag="auth")
verify_service = TenantService("verify_email", "/auth/verify-email", traverse="/auth", tag="auth")
guest_service = TenantService("guest", "/auth/guest", traverse="/auth", tag="auth")


def _applicant(request: Request, body: RegisterIn | GuestIn) -> Applicant:
    return Applicant(body.email, body.full_name, body.phone, body.locale or request.locale_name)


@register_service.post(
    permission=PUBLIC,
    context=AuthNode,
    body=RegisterIn,
    out=Empty,
    status=202,
    rate="registration",
)
def register(request: Request) -> Empty:
    """Ask for an account. The answer never tells whether the e-mail has one; a mail does."""
    body: RegisterIn = request.validated["body"]
    limit_by_email(request, body.email, what="register")
    Registration(request.db, request.tenant).register(_applicant(request, body), body.password, hasher_of(request))
    return Empty()


@verify_service.post(
    permission=PUBLIC,
    context=AuthNode,
    body=VerifyIn,
    out=Empty,
    status=204,
    rate="sign_in_per_address",
)
def verify_email(request: Request) -> None:
    """Redeem the link mailed on registration, with the password chosen then: a stranger's registration has another. What was
    ordered as a guest with this e-mail now belongs to the account.
    """
    body: VerifyIn = request.validated["body"]
    desk = Registration(request.db, request.tenant)
    desk.verify(body.token, body.password, hasher_of(request), merging_of(request))


@guest_service.post(permission=PUBLIC, context=AuthNode, body=GuestIn, out=SessionOut, rate="checkout")
def guest(request: Request) -> SessionOut:
    """Go on without an account: a guest of its own for each visit, with an ordinary session."""
    body: GuestIn = request.validated["body"]
    person = Registration(request.db, request.tenant).guest(_applicant(request, body))
    return session_out(request, person, open_session(request, person.account.id, body.client))
