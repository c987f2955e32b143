"""The tenant's members, for its administrator."""

from belgenet.accounts.models import Membership
from belgenet.accounts.resources import UserNode, UsersNode
from belgenet.accounts.schemas import UserOut, UserPatch, UsersQuery
from belgenet.accounts.services.people import known_roles
from belgenet.accounts.services.users import Users
from belgenet.accounts.views.desk import sessions_of
from belgenet.core import audit
from belgenet.core.security import Permission
from belgenet.core.web.etag import require_version
from belgenet.core.web.pagination import Page, page
from belgenet.core.web.request import Request
from belgenet.core.web.service import TenantService, path_id

users_service = TenantService("users", "/admin/users", traverse="/users", tag="admin")
user_service = TenantService("user", f"/admin/users/{path_id('user_id')}", traverse="/users/{user_id}", tag="admin")


def _out(member: Membership) -> UserOut:
    account = member.account
    return UserOut(
        id=account.id,
        email=account.email,
        full_name=member.name,
        phone=account.phone,
        locale=account.locale,
        roles=sorted(known_roles(member.roles)),
        is_guest=account.is_guest,
        email_verified=account.email_verified_at is not None,
        disabled=member.disabled_at is not None,
        created_at=member.created_at,
        last_sign_in_at=member.last_sign_in_at,
        version=member.version,
    )


@users_service.get(permission=Permission.USER_READ, context=UsersNode, query=UsersQuery, out=Page[UserOut])
def list_users(request: Request) -> Page[UserOut]:
    """Members, newest first. ``q`` looks in names and e-mails; guests are left out unless asked for."""
    return page(Users(request.db).page(request.validated["query"]), _out)


@user_service.get(permission=Permission.USER_READ, context=UserNode, out=UserOut)
def get_user(request: Request) -> UserOut:
    """One member."""
    return _out(request.context.row)


@user_service.patch(
    permission=Permission.USER_WRITE,
    context=UserNode,
    body=UserPatch,
    out=UserOut,
)
def patch_user(request: Request) -> UserOut:
    """Change a member's roles or name, or shut them out of this tenant; their account at other tenants stays as it is.

    ``If-Match`` names the version that is changed, so that of two administrators neither undoes the other's work unseen.
    """
    member = request.context.row
    require_version(request, member.version)
    before, after = Users(request.db).change(member, request.validated["body"])
    if after.get("disabled"):
        sessions_of(request).end_all_here(member.account_id, "disabled")
    if after:
        audit.record(request, "user.update", "account", member.account_id, before=before, after=after)
    return _out(member)
