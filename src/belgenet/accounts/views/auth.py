"""Signing in and out, at a tenant's host and at the bare domain."""

import structlog

from belgenet.accounts.resources import AuthNode
from belgenet.accounts.schemas import LoginIn, RefreshIn, SessionOut, normalise_email
from belgenet.accounts.services.people import People
from belgenet.accounts.services.refresh_tokens import RefreshToken
from belgenet.accounts.services.sessions import Refusal, sign_out_everywhere
from belgenet.accounts.services.sign_in import SignIn
from belgenet.accounts.views import cookies
from belgenet.accounts.views.desk import (
    commit_and_refuse,
    device_of,
    hasher_of,
    limit_by_email,
    merging_of,
    open_session,
    session_out,
    sessions_of,
    throttle_of,
)
from belgenet.core.observability.metrics import SIGN_INS
from belgenet.core.security import PUBLIC, Permission
from belgenet.core.web.errors import ErrorCode, Problem
from belgenet.core.web.request import Request
from belgenet.core.web.schema import Empty
from belgenet.core.web.service import HostService

log = structlog.get_logger(__name__)

login_service = HostService("login", "/auth/login", traverse="/auth", tag="auth")
refresh_service = HostService("refresh", "/auth/refresh", traverse="/auth", tag="auth")
logout_service = HostService("logout", "/auth/logout", traverse="/auth", tag="auth")
logout_all_service = HostService("logout_all", "/auth/logout-all", traverse="/auth", tag="auth")


@login_service.post(
    permission=PUBLIC,
    context=AuthNode,
    body=LoginIn,
    out=SessionOut,
    rate="sign_in_per_address",
    rate_fail_closed=True,
)
def login(request: Request) -> SessionOut:
    """Sign in with e-mail and password. Who has an account at another tenant joins this one."""
    body: LoginIn = request.validated["body"]
    email = _readable(body.email)
    limit_by_email(request, email, what="sign-in")
    desk = SignIn(request.db, request.tenant, hasher_of(request), throttle_of(request), merging_of(request))
    try:
        person = desk.with_password(email, body.password, request.client_addr)
    except Problem as problem:
        log.info("sign_in.refused", code=problem.code)
        SIGN_INS.labels(outcome=problem.code).inc()
        if problem.code == ErrorCode.INVALID_CREDENTIALS:
            commit_and_refuse(request, problem)
        raise
    SIGN_INS.labels(outcome="done").inc()
    return session_out(request, person, open_session(request, person.account.id, body.client))


def _readable(email: str) -> str:
    """Normalised if it is an e-mail at all; what is not simply has no account."""
    try:
        return normalise_email(email.strip())
    except ValueError:
        return email.strip().lower()


@refresh_service.post(
    permission=PUBLIC,
    context=AuthNode,
    body=RefreshIn,
    out=SessionOut,
    rate="default",
)
def refresh(request: Request) -> SessionOut:
    """Continue a session: a new access token, and a new refresh token in place of the old one.

    Browsers send the cookie and, as ``X-CSRF-Token``, the value of the readable cookie ``bn_csrf``; native clients the token. A
    token that comes back after its successor was used ends the session.
    """
    body: RefreshIn = request.validated["body"]
    native = body.refresh_token is not None
    token = cookies.held(body.refresh_token or "") if native else cookies.presented(request)
    if token is None:
        raise _expired(request, native=native)
    return _continue(request, token, native=native)


def _continue(request: Request, token: RefreshToken, *, native: bool) -> SessionOut:
    outcome = sessions_of(request).refresh(token, device_of(request, "native" if native else "web"))
    if outcome is Refusal.REUSED:
        log.warning("session.reused", session=str(token.session_id))
        request.commit_and_continue()
    if isinstance(outcome, Refusal):
        raise _expired(request, native=native)
    person = People(request.db, request.tenant).get(outcome.row.account_id)
    if person is None:
        raise _expired(request, native=native)
    return session_out(request, person, outcome)


def _expired(request: Request, *, native: bool) -> Problem:
    """The refusal; a browser's cookies go with it, unless it was a token in the body that was refused."""
    if not native:
        cookies.drop(request)
    return Problem(ErrorCode.SESSION_EXPIRED, 401)


@logout_service.post(permission=Permission.PROFILE_READ, context=AuthNode, out=Empty, status=204)
def logout(request: Request) -> None:
    """End this session."""
    sessions_of(request).end(request.who.session_id)
    cookies.drop(request)


@logout_all_service.post(permission=Permission.PROFILE_READ, context=AuthNode, out=Empty, status=204)
def logout_all(request: Request) -> None:
    """End every session of the account, on all devices and at all tenants of the installation."""
    sign_out_everywhere(request.db, request.who.account_id)
    cookies.drop(request)
