"""People: accounts, memberships, sessions, passwords."""

from typing import Any

from belgenet.accounts.interfaces import AccountMerger

MERGERS = "belgenet.account_mergers"
HASHER = "belgenet.hasher"


def add_account_merger(config: Any, merger: AccountMerger) -> None:
    """``config.add_account_merger(function)``: let a domain hand a guest's rows to the registered account."""
    config.registry.setdefault(MERGERS, []).append(merger)


def includeme(config: Any) -> None:
    from belgenet.accounts import tasks  # noqa: PLC0415
    from belgenet.accounts.interfaces import AccountDirectory, AdministratorInviter, MemberFigures  # noqa: PLC0415
    from belgenet.accounts.resources import AuthNode, MeNode, UsersNode  # noqa: PLC0415
    from belgenet.accounts.services.directory import MemberDirectory  # noqa: PLC0415
    from belgenet.accounts.services.figures import OwnMemberFigures  # noqa: PLC0415
    from belgenet.accounts.services.hasher import Hasher  # noqa: PLC0415
    from belgenet.accounts.services.identity import DatabaseIdentityLoader  # noqa: PLC0415
    from belgenet.accounts.services.invitation import FirstAdministrator  # noqa: PLC0415
    from belgenet.accounts.views import auth, guests, invitations, me, passwords, users  # noqa: PLC0415
    from belgenet.core.observability.metrics import SIGN_INS, seed  # noqa: PLC0415
    from belgenet.core.security.interfaces import IdentityLoader  # noqa: PLC0415
    from belgenet.core.web.errors import ErrorCode  # noqa: PLC0415

    refusals = (ErrorCode.INVALID_CREDENTIALS, ErrorCode.ACCOUNT_LOCKED, ErrorCode.ACCOUNT_DISABLED)
    seed(SIGN_INS, outcome=("done", *refusals, ErrorCode.REGISTRATION_CLOSED))

    config.registry.setdefault(MERGERS, [])
    config.registry[HASHER] = Hasher(config.registry.settings["belgenet"].security)
    config.add_directive("add_account_merger", add_account_merger)
    config.register_service_factory(lambda _context, request: DatabaseIdentityLoader(request.db), IdentityLoader)
    config.register_service_factory(lambda _context, request: MemberDirectory(request.db), AccountDirectory)
    config.register_service(OwnMemberFigures(), MemberFigures)
    config.register_service(FirstAdministrator(), AdministratorInviter)
    for name, node in (("auth", AuthNode), ("me", MeNode)):
        config.add_tenant_child(name, node)
        config.add_platform_child(name, node)
    config.add_tenant_child("users", UsersNode)
    for module in (auth, guests, invitations, me, passwords, users):
        config.add_services(module)
    for item in (tasks.answer_registration, tasks.mail_reset_link, tasks.tell_password_changed):
        config.add_consumer(item)
    config.add_periodic("accounts.purge", 3600, tasks.purge, scope="platform")
    config.add_periodic("accounts.purge_sessions", 86_400, tasks.purge_sessions, suspended="serve")
