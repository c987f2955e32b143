"""Forgotten, reset and changed passwords."""

from belgenet.accounts.resources import AuthNode, MeNode
from belgenet.accounts.schemas import ForgotIn, PasswordChangeIn, ResetIn
from belgenet.accounts.services.passwords import Passwords, is_of_platform, tell_owner
from belgenet.accounts.views.desk import hasher_of, limit_by_email, sessions_of, throttle_of
from belgenet.core import audit
from belgenet.core.security import PUBLIC, Permission
from belgenet.core.web.request import Request
from belgenet.core.web.schema import Empty
from belgenet.core.web.service import HostService, TenantService
from belgenet.tenancy.platform import joined_session

forgot_service = TenantService("password_forgot", "/auth/password/forgot", traverse="/auth", tag="auth")
reset_service = TenantService("password_reset", "/auth/password/reset", traverse="/auth", tag="auth")
change_service = HostService("password_change", "/me/password", traverse="/me", tag="me")


def _passwords(request: Request) -> Passwords:
    return Passwords(request.db, hasher_of(request), throttle_of(request))


@forgot_service.post(permission=PUBLIC, context=AuthNode, body=ForgotIn, out=Empty, status=202, rate="registration")
def forgot_password(request: Request) -> Empty:
    """Ask for a link to set a new password. The answer never tells whether the e-mail has an account."""
    body: ForgotIn = request.validated["body"]
    limit_by_email(request, body.email, what="forgot")
    _passwords(request).forgot(body.email, request.locale_name)
    return Empty()


@reset_service.post(
    permission=PUBLIC,
    context=AuthNode,
    body=ResetIn,
    out=Empty,
    status=204,
    rate="sign_in_per_address",
)
def reset_password(request: Request) -> None:
    """Set a new password by the mailed link; every session of the account ends."""
    body: ResetIn = request.validated["body"]
    account = _passwords(request).reset(body.token, body.password)
    tell_owner(request.db, account)
    audit.record(request, "account.password_reset", "account", account.id)


@change_service.patch(
    permission=Permission.PROFILE_WRITE,
    context=MeNode,
    body=PasswordChangeIn,
    out=Empty,
    status=204,
    rate="sign_in_per_address",
)
def change_password(request: Request) -> None:
    """Set a new password by the old one; every other session of the account ends."""
    body: PasswordChangeIn = request.validated["body"]
    who = request.who
    db = joined_session(request) if is_of_platform(request.db, who.account_id) else request.db
    passwords = Passwords(db, hasher_of(request), throttle_of(request))
    account = passwords.change(who.account_id, body.current_password, body.new_password, request.client_addr)
    sessions_of(request).renew_proof(who.session_id)
    if request.tenant is not None:
        tell_owner(request.db, account)
        audit.record(request, "account.password_change", "account", account.id)
