"""Who can sign in to the demo."""

import uuid

from sqlalchemy import select
from sqlalchemy.orm import Session

from belgenet.accounts.models import Account
from belgenet.accounts.services.administration import Administration, NewUser, UserExistsError
from belgenet.accounts.services.hasher import Hasher
from belgenet.core.security import Role
from belgenet.core.traversal import TenantInfo
from belgenet.settings import Settings
from belgenet.testing.demo.accounts import DemoAccount

PASSWORD = "gul-kalem-deniz-47"

_PEOPLE = {
    "": [("platform@belgenet.example", "Platform Yöneticisi", Role.SUPER_ADMIN)],
    "akademi": [
        ("admin@akademi.example", "Zeynep Arslan", Role.TENANT_ADMIN),
        ("egitmen@akademi.example", "Kemal Öztürk", Role.INSTRUCTOR),
        ("ogrenci@akademi.example", "Elif Yıldız", Role.STUDENT),
    ],
    "vakif": [
        ("admin@vakif.example", "Mustafa Çelik", Role.TENANT_ADMIN),
        ("bagisci@vakif.example", "Ayşe Işık", Role.DONOR),
        ("saha@vakif.example", "Yusuf Doğan", Role.OPERATOR),
    ],
}


def add_people(session: Session, tenant: TenantInfo | None, settings: Settings) -> list[DemoAccount]:
    """Create the accounts of a tenant (None: the platform, with its role's session) that do not exist yet; all of them are
    returned.
    """
    administration = Administration(session, tenant, Hasher(settings.security))
    tenant_slug = tenant.slug if tenant else ""
    for email, full_name, role in _PEOPLE[tenant_slug]:
        try:
            administration.create(NewUser(email=email, full_name=full_name, role=role), PASSWORD)
        except UserExistsError:
            continue
    return [DemoAccount(tenant_slug, email, PASSWORD, role.value) for email, _, role in _PEOPLE[tenant_slug]]


def account_id(session: Session, email: str) -> uuid.UUID:
    """The id of a demo account."""
    return session.scalars(select(Account.id).where(Account.email == email, Account.is_guest.is_(False))).one()
