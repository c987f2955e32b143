from typing import Any
from uuid import UUID

from pyramid.authorization import Allow, Deny, Everyone
from sqlalchemy import select

from belgenet.core.security import Identity, Permission
from belgenet.core.traversal import Collection, Item, Node
from belgenet.files.models import File

RULES = "belgenet.file_access"


class FileNode(Item):
    """A file. Its owner may do everything with it; everybody may read a public one; who else may read a private one is for the
    object it is part of to say, asked once while the tree is walked.
    """

    def __init__(self, row: File, parent: Node) -> None:
        super().__init__(row, parent)
        self.guest = self._let_in(self.request.identity)

    def __acl__(self) -> list[Any]:
        owner = (Permission.FILE_READ, Permission.FILE_DELETE, Permission.FILE_UPLOAD)
        acl = [(Allow, f"user:{self.row.owner_id}", owner), (Deny, Everyone, (Permission.FILE_UPLOAD,))]
        if self.row.readable_by_all:
            acl.append((Allow, Everyone, (Permission.FILE_READ,)))
        if self.guest:
            acl.append((Allow, f"user:{self.guest.account_id}", (Permission.FILE_READ,)))
        return acl

    def visible_to(self, identity: Identity) -> bool:
        """See Node."""
        return self.row.readable_by_all or self.guest is not None or Permission.FILE_READ in identity.permissions

    def _let_in(self, identity: Identity | None) -> Identity | None:
        row = self.row
        if identity is None or row.state != "ready" or row.subject_id is None or row.owner_id == identity.account_id:
            return None
        rule = self.request.registry[RULES].get(row.subject_kind)
        return identity if rule is not None and rule(self.request.db, identity, row.subject_id) else None


class FilesNode(Collection):
    """All files of the tenant."""

    item = FileNode

    def find(self, key: UUID) -> File | None:
        """See Collection. Deleted and rejected files do not exist."""
        wanted = select(File).where(File.id == key, File.deleted_at.is_(None), File.state != "rejected")
        found: File | None = self.request.db.scalar(wanted)
        return found
