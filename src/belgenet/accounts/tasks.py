"""Mails that follow from what happened, and cleaning up."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, exists

from belgenet.accounts import events
from belgenet.accounts.interfaces import AccountMailer
from belgenet.accounts.models import Account, PlatformSession, RefreshSession, RegistrationAttempt
from belgenet.accounts.services import attempts, one_time
from belgenet.accounts.services.throttle import Throttle
from belgenet.core.db import utcnow
from belgenet.core.outbox import Event, consumer

UNVERIFIED_KEPT = timedelta(days=14)
ENDED_SESSIONS_KEPT = timedelta(days=30)
LINKS_PER_HOUR = 5
"""Mails with a link, of one kind, to one account, from wherever they are asked for: a mailbox is not a stranger's to fill."""


@consumer(events.REGISTERED, name="accounts.answer_registration", queue="mail")
def answer_registration(request: Any, event: Event) -> None:
    """A link to verify the e-mail with; or, to the owner of an account, word that somebody tried to register it. Who is invited has
    a link already, and somebody's registration does not void it.
    """
    account = _account(request, event)
    if account is None or account.disabled_at is not None:
        return
    if account.password_hash is None:
        attempts.forget(request.db, account.id)
        if not one_time.is_out(request.db, account.id, one_time.Purpose.RESET_PASSWORD):
            _mail_invitation(request, account, event)
    elif account.email_verified_at is None:
        _mail_verification_link(request, account, event)
    else:
        attempts.forget(request.db, account.id)
        if event.payload.get("asked"):
            _tell_account_exists(request, account, event)


def _mail_verification_link(request: Any, account: Account, event: Event) -> None:
    wanted = event.payload.get("attempt_id")
    attempt = attempts.find(request.db, account.id, UUID(wanted) if wanted else None)
    if attempt is None:
        return
    hours = request.settings.security.verification_hours

    def context() -> dict[str, Any]:
        secret = attempts.issue(attempt, timedelta(hours=hours))
        link = request.url_for_client(f"/verify-email#token={secret}")
        return {"full_name": attempt.full_name, "action_url": link, "hours": hours}

    _mail_link(request, "verify_email", account, event, context)


def _tell_account_exists(request: Any, account: Account, event: Event) -> None:
    """One an hour: whoever keeps registering somebody else's address must not fill their mailbox."""
    context = {
        "full_name": account.full_name,
        "action_url": request.url_for_client("/sign-in"),
        "reset_url": request.url_for_client("/reset-password"),
    }
    _mail(request, "account_exists", account, event, context, f"{account.id}:{event.created_at:%Y-%m-%dT%H}")


@consumer(events.RESET_REQUESTED, name="accounts.mail_reset_link", queue="mail")
def mail_reset_link(request: Any, event: Event) -> None:
    """A link to set a password with: a new one, or an invited account's first. Nothing when nobody has the e-mail, nor to an
    administrator of the platform, whose password a tenant's door does not set.
    """
    account = _account(request, event)
    if account is None or account.disabled_at is not None or account.platform_roles:
        return
    if account.password_hash is None:
        _mail_invitation(request, account, event)
    else:
        _mail_reset_link(request, account, event)


def _mail_invitation(request: Any, account: Account, event: Event) -> None:
    """The account was made by somebody who may; whoever reads its mail sets its first password."""
    hours = request.settings.security.verification_hours

    def context() -> dict[str, Any]:
        link = _password_link(request, account, timedelta(hours=hours))
        return {"full_name": account.full_name, "action_url": link, "hours": hours}

    _mail_link(request, "invitation", account, event, context)


def _mail_reset_link(request: Any, account: Account, event: Event) -> None:
    minutes = request.settings.security.reset_minutes

    def context() -> dict[str, Any]:
        link = _password_link(request, account, timedelta(minutes=minutes))
        return {"full_name": account.full_name, "action_url": link, "minutes": minutes}

    _mail_link(request, "reset_password", account, event, context)


def _password_link(request: Any, account: Account, life: timedelta) -> str:
    secret = one_time.issue(request.db, account.id, one_time.Purpose.RESET_PASSWORD, life)
    link: str = request.url_for_client(f"/reset-password#token={secret}")
    return link


@consumer(events.PASSWORD_CHANGED, name="accounts.tell_password_changed", queue="mail")
def tell_password_changed(request: Any, event: Event) -> None:
    """Word to the owner, who did it or must know."""
    account = _account(request, event)
    if account is not None:
        context = {
            "full_name": account.full_name,
            "changed_at": event.created_at,
            "reset_url": request.url_for_client("/reset-password"),
        }
        _mail(request, "password_changed", account, event, context)


def _account(request: Any, event: Event) -> Account | None:
    account_id = event.payload["account_id"]
    found: Account | None = request.db.get(Account, UUID(account_id)) if account_id else None
    return found


def _mail_link(
    request: Any, template: str, account: Account, event: Event, make_context: Callable[[], dict[str, Any]]
) -> None:
    """Mail what ``make_context`` makes a link for, unless the hour's mails have gone out: then the link before it stays good."""
    hour = f"{account.id}:{event.created_at:%Y-%m-%dT%H}"
    with request.db.begin_nested() as point:
        context = make_context()
        request.db.flush()
        keys = (f"{hour}:{number}" for number in range(LINKS_PER_HOUR))
        if not any(_mail(request, template, account, event, context, key) for key in keys):
            point.rollback()


def _mail(
    request: Any, template: str, account: Account, event: Event, context: dict[str, Any], key: str | None = None
) -> bool:
    locale = event.payload.get("locale") or account.locale
    dedupe_key = f"{template}:{key or event.id}"
    sent: bool = request.service(AccountMailer).email(template, account.email, locale, context, dedupe_key)
    return sent


def purge(request: Any) -> None:
    """Platform-wide: accounts nobody verified, links and counts that ran out, ended console sessions."""
    now = utcnow()
    attempts.purge(request.db, now - UNVERIFIED_KEPT)
    stale = delete(Account).where(
        Account.is_guest.is_(False),
        Account.email_verified_at.is_(None),
        Account.password_hash.is_not(None),
        Account.created_at < now - UNVERIFIED_KEPT,
        ~exists().where(RegistrationAttempt.account_id == Account.id),
    )
    ended = delete(PlatformSession).where(PlatformSession.expires_at < now - ENDED_SESSIONS_KEPT)
    for statement in (stale, ended):
        request.db.execute(statement.execution_options(synchronize_session=False))
    one_time.purge(request.db)
    Throttle.purge(request.db)


def purge_sessions(request: Any) -> None:
    """Drop the tenant's sessions that ended a month ago."""
    before = utcnow() - ENDED_SESSIONS_KEPT
    ended = delete(RefreshSession).where((RefreshSession.expires_at < before) | (RefreshSession.revoked_at < before))
    request.db.execute(ended.execution_options(synchronize_session=False))
