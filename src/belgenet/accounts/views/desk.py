"""What the views of this domain share: services put together for a request, and answers."""

from typing import NoReturn
from uuid import UUID

from belgenet.accounts import HASHER, MERGERS
from belgenet.accounts.schemas import AccountOut, SessionOut
from belgenet.accounts.services.devices import device_name
from belgenet.accounts.services.hasher import Hasher
from belgenet.accounts.services.merging import Merging
from belgenet.accounts.services.people import Person
from belgenet.accounts.services.sessions import Device, Opened, Sessions
from belgenet.accounts.services.throttle import Throttle, email_digest
from belgenet.accounts.views import cookies
from belgenet.core.security.identity import permissions_of
from belgenet.core.web import ratelimit
from belgenet.core.web.errors import Problem
from belgenet.core.web.request import Request
from belgenet.tenancy.platform import joined_session


def sessions_of(request: Request) -> Sessions:
    """Sessions of this host."""
    return Sessions(request.db, _tenant_id(request), request.settings.security)


def open_session(request: Request, account_id: UUID, client: str) -> Opened:
    """A new session at this host. One at the platform's door is the platform role's to open; the application continues it."""
    db = request.db if request.tenant else joined_session(request)
    return Sessions(db, _tenant_id(request), request.settings.security).open(account_id, device_of(request, client))


def _tenant_id(request: Request) -> UUID | None:
    return request.tenant.id if request.tenant else None


def device_of(request: Request, client: str) -> Device:
    """The device that asks."""
    return Device(client, device_name(request.user_agent), request.client_addr)


def hasher_of(request: Request) -> Hasher:
    """The installation's password hasher."""
    hasher: Hasher = request.registry[HASHER]
    return hasher


def throttle_of(request: Request) -> Throttle:
    """Counter of wrong passwords."""
    return Throttle(request.registry["belgenet.engine"])


def merging_of(request: Request) -> Merging:
    """Hand-over of guests' things."""
    return Merging(tuple(request.registry[MERGERS]))


def limit_by_email(request: Request, email: str, *, what: str) -> None:
    """Count the request against the e-mail it names.

    :raises Problem: ``rate_limited`` (429), for known and unknown e-mails alike.
    """
    caller = f"{what}:{email_digest(email).hex()}:{request.client_addr}"
    ratelimit.check(request, "sign_in_per_account", caller=caller, fail_closed=True)


def account_out(person: Person) -> AccountOut:
    """The public form of a person."""
    account = person.account
    return AccountOut(
        id=account.id,
        email=account.email,
        full_name=person.full_name,
        phone=account.phone,
        locale=account.locale,
        is_guest=account.is_guest,
        email_verified=account.email_verified_at is not None,
        roles=sorted(person.roles),
        permissions=sorted(permissions_of(person.roles)),
    )


def session_out(request: Request, person: Person, opened: Opened) -> SessionOut:
    """The answer that carries a session; a browser's token goes into its cookies."""
    tokens = request.registry["belgenet.access_tokens"]
    native = opened.row.client == "native"
    if not native:
        cookies.keep(request, opened.token)
    tenant_id = request.tenant.id if request.tenant else None
    return SessionOut(
        access_token=tokens.issue(person.account.id, tenant_id, opened.row.id),
        expires_in=tokens.lifetime_seconds,
        account=account_out(person),
        refresh_token=opened.token.encode() if native else None,
    )


def commit_and_refuse(request: Request, problem: Problem) -> NoReturn:
    """Refuse, but keep what was written: a refusal rolls back only what comes after."""
    request.commit_and_continue()
    raise problem
