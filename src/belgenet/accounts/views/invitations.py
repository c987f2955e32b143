"""The link that the server's command line prints for an administrator of the platform."""

import structlog

from belgenet.accounts.resources import AuthNode
from belgenet.accounts.schemas import InvitationIn
from belgenet.accounts.services.platform_invitations import PlatformInvitations
from belgenet.accounts.views.desk import hasher_of
from belgenet.core.security import PUBLIC
from belgenet.core.web.request import Request
from belgenet.core.web.schema import Empty
from belgenet.core.web.service import PlatformService
from belgenet.tenancy.platform import joined_session

log = structlog.get_logger(__name__)

invitation_service = PlatformService("platform_invitation", "/auth/invitation", traverse="/auth", tag="auth")


@invitation_service.post(
    permission=PUBLIC,
    context=AuthNode,
    body=InvitationIn,
    out=Empty,
    status=204,
    rate="sign_in_per_address",
    rate_fail_closed=True,
)
def accept_invitation(request: Request) -> None:
    """Choose name and password by the link of an invitation to administer the platform; every session of the account ends."""
    body: InvitationIn = request.validated["body"]
    invitations = PlatformInvitations(joined_session(request), hasher_of(request))
    account = invitations.accept(body.token, body.full_name, body.password)
    log.info("invitation.accepted", account=str(account.id))
