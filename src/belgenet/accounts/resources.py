from typing import Any
from uuid import UUID

from pyramid.authorization import DENY_ALL, Allow

from belgenet.accounts.services.sessions import Sessions
from belgenet.accounts.services.users import Users
from belgenet.core.security import Identity, Permission
from belgenet.core.traversal import Collection, Item, Node


class AuthNode(Node):
    """The door: signing in, out and up."""


class UserNode(Item):
    """A member, for the administrator."""


class UsersNode(Collection):
    """All members of the tenant, by account id."""

    item = UserNode

    def find(self, key: UUID) -> Any | None:
        """See Collection."""
        return Users(self.request.db).get(key)


class SessionNode(Item):
    """One of the caller's sessions; anybody else's does not exist."""

    def __acl__(self) -> list[Any]:
        owner = f"user:{self.row.account_id}"
        return [(Allow, owner, (Permission.PROFILE_READ, Permission.PROFILE_WRITE)), DENY_ALL]

    def visible_to(self, identity: Identity) -> bool:
        """See Node."""
        return bool(self.row.account_id == identity.account_id)


class SessionsNode(Collection):
    """Sessions of this host."""

    item = SessionNode

    def find(self, key: UUID) -> Any | None:
        """See Collection."""
        tenant = self.request.tenant
        return Sessions(self.request.db, tenant.id if tenant else None, self.request.settings.security).living(key)


class MeNode(Node):
    """The caller."""

    def __getitem__(self, key: str) -> Node:
        if key != "sessions":
            raise KeyError(key)
        return SessionsNode(self.request, key, self)
