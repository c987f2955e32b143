"""One's own account and sessions."""

from belgenet.accounts.resources import MeNode, SessionNode, SessionsNode
from belgenet.accounts.schemas import AccountOut, DeviceOut, MePatch
from belgenet.accounts.services.people import People
from belgenet.accounts.services.profile import change_profile
from belgenet.accounts.services.sessions import AnySession
from belgenet.accounts.views import cookies
from belgenet.accounts.views.desk import account_out, sessions_of
from belgenet.core import audit
from belgenet.core.security import Permission
from belgenet.core.web.errors import ErrorCode, Problem
from belgenet.core.web.pagination import Page
from belgenet.core.web.request import Request
from belgenet.core.web.schema import Empty
from belgenet.core.web.service import HostService, path_id

me_service = HostService("me", "/me", traverse="/me", tag="me")
sessions_service = HostService("my_sessions", "/me/sessions", traverse="/me/sessions", tag="me")
session_service = HostService(
    "my_session", f"/me/sessions/{path_id('session_id')}", traverse="/me/sessions/{session_id}", tag="me"
)


@me_service.get(permission=Permission.PROFILE_READ, context=MeNode, out=AccountOut)
def get_me(request: Request) -> AccountOut:
    """Who I am here, and what I may do."""
    person = People(request.db, request.tenant).get(request.who.account_id)
    if person is None:
        raise Problem(ErrorCode.NOT_AUTHENTICATED, 401)
    return account_out(person)


@me_service.patch(permission=Permission.PROFILE_WRITE, context=MeNode, body=MePatch, out=AccountOut)
def patch_me(request: Request) -> AccountOut:
    """Change my name, phone or language."""
    changed = change_profile(request.db, request.who.account_id, request.validated["body"])
    if changed and request.tenant is not None:
        audit.record(request, "account.update", "account", request.who.account_id, after={"fields": changed})
    return get_me(request)


@sessions_service.get(permission=Permission.PROFILE_READ, context=SessionsNode, out=Page[DeviceOut])
def get_my_sessions(request: Request) -> Page[DeviceOut]:
    """Where I am signed in, the last used first."""
    current = request.who.session_id
    rows = sessions_of(request).of(request.who.account_id)
    return Page(items=[_device(row, current=row.id == current) for row in rows])


def _device(row: AnySession, *, current: bool) -> DeviceOut:
    return DeviceOut(
        id=row.id,
        created_at=row.created_at,
        last_used_at=row.rotated_at,
        device=row.device,
        address=row.address,
        current=current,
    )


@session_service.delete(permission=Permission.PROFILE_WRITE, context=SessionNode, out=Empty, status=204)
def delete_my_session(request: Request) -> None:
    """Sign a device out."""
    row = request.context.row
    sessions_of(request).end(row.id, "signed out from another device")
    if row.id == request.who.session_id:
        cookies.drop(request)
