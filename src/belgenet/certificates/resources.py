"""Where certificates and their templates live in the tree."""

import uuid
from typing import Any

from pyramid.authorization import Allow

from belgenet.certificates.interfaces import CertifiableRegistry, IssueRequest
from belgenet.certificates.models import Certificate
from belgenet.certificates.services.templates import PACKAGED_KINDS
from belgenet.core.security import Identity, Permission
from belgenet.core.traversal import Item, Node
from belgenet.core.traversal.nodes import parse_uuid


class CertificateNode(Item):
    """One certificate; its owner may read it."""

    row: Certificate

    def __acl__(self) -> list[Any]:
        return [(Allow, f"user:{self.row.owner_id}", (Permission.CERTIFICATE_READ,))]

    def visible_to(self, identity: Identity) -> bool:
        """To its owner, and to those who may read all."""
        return identity.account_id == self.row.owner_id or Permission.CERTIFICATE_READ in identity.permissions


class OrderCertificatesNode(Node):
    """What an order has earned, as the registered kinds tell; the order's owner may ask for the certificates."""

    def __init__(self, earned: list[IssueRequest], parent: Node, name: str) -> None:
        super().__init__(parent.request, name, parent)
        self.earned = earned

    def __acl__(self) -> list[Any]:
        return [(Allow, f"user:{item.owner_id}", (Permission.CERTIFICATE_REQUEST,)) for item in self.earned]

    def visible_to(self, identity: Identity) -> bool:
        """To the order's owner, and to those who may ask for any certificate."""
        own = any(item.owner_id == identity.account_id for item in self.earned)
        return own or Permission.CERTIFICATE_REQUEST in identity.permissions


class CertificatesNode(Node):
    """All certificates of the tenant. A key is a certificate's id or, to ask for certificates, an order's."""

    def __getitem__(self, key: str) -> Node:
        wanted = parse_uuid(key)
        row = self.request.db.get(Certificate, wanted)
        if row is not None:
            return CertificateNode(row, self)
        earned = self._earned(wanted)
        if not earned:
            raise KeyError(key)
        return OrderCertificatesNode(earned, self, key)

    def _earned(self, order_id: uuid.UUID) -> list[IssueRequest]:
        registry: CertifiableRegistry = self.request.registry["belgenet.certifiables"]
        found = (kind.earned_by_order(self.request.db, order_id) for kind in registry.kinds.values())
        return [item for items in found for item in items]


class TemplateNode(Node):
    """The templates of one kind of certificate."""


class TemplatesNode(Node):
    """Kinds of certificates: the packaged ones and whatever domains registered."""

    @property
    def kinds(self) -> list[str]:
        """All kinds, sorted."""
        registry: CertifiableRegistry = self.request.registry["belgenet.certifiables"]
        return sorted({*PACKAGED_KINDS, *registry.kinds})

    def __getitem__(self, key: str) -> Node:
        if key not in self.kinds:
            raise KeyError(key)
        return TemplateNode(self.request, key, self)
