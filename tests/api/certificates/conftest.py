"""A kind of certificate whose facts the test decides; everything else is the real system."""

import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Any

import pytest
from sqlalchemy.orm import Session

from belgenet.certificates.interfaces import CertificateFacts, CertificateIssuer, Fact, IssueRequest, Line
from belgenet.core.security import Role

KIND = "sample_award"


@dataclass
class Award:
    """A Certifiable that remembers what the test told it."""

    kind: str = KIND
    title: str = "Büyükbaş kurban – 2 hisse"
    lines: tuple[Line, ...] = (Line("Ayşe Işıl Yılmaz", "vacip"), Line("محمد بن عبد الله", "adak"))
    by_order: dict[uuid.UUID, list[IssueRequest]] = field(default_factory=dict)
    before: Callable[[], None] = lambda: None

    def facts(self, session: Session, subject_id: uuid.UUID, locale: str, zone: tzinfo) -> CertificateFacts:
        self.before()
        label = "Bölge" if locale == "tr" else "Region"
        return CertificateFacts(self.title, facts=(Fact(label, "Doğu Afrika"),), lines=self.lines)

    def earned_by_order(self, session: Session, order_id: uuid.UUID) -> Sequence[IssueRequest]:
        return self.by_order.get(order_id, [])


@pytest.fixture
def award(system: Any) -> Iterator[Award]:
    kinds = system.registry["belgenet.certifiables"].kinds
    kinds[KIND] = Award()
    yield kinds[KIND]
    del kinds[KIND]


@pytest.fixture
def donor(system: Any, tenant: Any) -> Any:
    return system.sign_in(tenant, Role.DONOR)


@pytest.fixture
def admin(system: Any, tenant: Any) -> Any:
    return system.sign_in(tenant, Role.TENANT_ADMIN)


@dataclass
class Office:
    """Asks for certificates the way other domains do."""

    system: Any
    tenant: Any
    award: Award

    def wanted(self, owner: Any, **fields: Any) -> IssueRequest:
        values = {
            "kind": KIND,
            "subject_id": uuid.uuid4(),
            "owner_id": owner.account_id,
            "recipient": "Ayşe Işıl Yılmaz",
            "email": owner.email,
            "locale": "tr",
            "order_id": uuid.uuid4(),
            **fields,
        }
        return IssueRequest(**values)

    def ask(self, wanted: IssueRequest) -> uuid.UUID:
        with self.system.request(self.tenant) as request:
            return request.service(CertificateIssuer).request_issue(request.db, wanted)

    def issue(self, owner: Any, **fields: Any) -> uuid.UUID:
        """A READY certificate."""
        found = self.ask(self.wanted(owner, **fields))
        self.system.drain()
        return found

    def row(self, certificate_id: uuid.UUID) -> Any:
        return self.system.sql("SELECT * FROM certificates WHERE id = :id", id=certificate_id)[0]


@pytest.fixture
def office(system: Any, tenant: Any, award: Award) -> Office:
    return Office(system, tenant, award)
