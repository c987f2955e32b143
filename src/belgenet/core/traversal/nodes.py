"""Traversal nodes: thin, at most one row each, no SQL in an ACL."""

import uuid
from typing import Any, ClassVar

from belgenet.core.security.identity import Identity


class Node:
    """A place in the tree. ``__acl__`` is optional; the root's role matrix ends every lineage with DENY_ALL."""

    def __init__(self, request: Any, name: str = "", parent: "Node | None" = None) -> None:
        self.request = request
        self.__name__ = name
        self.__parent__ = parent

    def __getitem__(self, key: str) -> "Node":
        raise KeyError(key)

    def visible_to(self, identity: Identity) -> bool:  # noqa: ARG002
        """Whether a refusal may admit that the thing exists (403) or must deny it (404)."""
        return True


class Item(Node):
    """A node that holds one row."""

    def __init__(self, row: Any, parent: Node) -> None:
        super().__init__(parent.request, str(getattr(row, "id", "")), parent)
        self.row = row


class Collection(Node):
    """A node whose children are rows found by UUID."""

    item: ClassVar[type[Item]]

    def __getitem__(self, key: str) -> Node:
        row = self.find(parse_uuid(key))
        if row is None:
            raise KeyError(key)
        return self.item(row, self)

    def find(self, key: uuid.UUID) -> Any | None:
        """The row of that id within the tenant, or None."""
        raise NotImplementedError


def parse_uuid(key: str) -> uuid.UUID:
    """:raises KeyError: not a UUID; traversal answers 404."""
    try:
        return uuid.UUID(key)
    except ValueError:
        raise KeyError(key) from None
