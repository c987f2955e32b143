"""One subject's certificates, and everything that can happen to them."""

import uuid
from datetime import timedelta
from typing import Any

from tests.api.certificates.conftest import Award, Office

from belgenet.certificates.interfaces import CertificateIssuer, RevocationReason
from belgenet.certificates.services import lifecycle
from belgenet.certificates.services.documents import Job, Sealed
from belgenet.certificates.services.generate import CertificateBusyError, claim, give_up, store_and_finish
from belgenet.certificates.services.keys import KeyStore
from belgenet.core.db import utcnow
from belgenet.core.security import Role
from belgenet.core.signing.secretbox import SecretBox
from belgenet.core.storage import ObjectStore


class Desk:
    """What people and workers do to one subject's certificates, each in a transaction of its own; only the file is a stand-in."""

    def __init__(self, system: Any, tenant: Any, award: Award) -> None:
        self.system, self.tenant = system, tenant
        self.office = Office(system, tenant, award)
        self.wanted = self.office.wanted(system.sign_in(tenant, Role.DONOR))
        self.first = self.office.ask(self.wanted)

    def issuer(self, act: str, *args: Any) -> Any:
        with self.system.request(self.tenant) as request:
            return getattr(request.service(CertificateIssuer), act)(
                request.db, self.wanted.kind, self.wanted.subject_id, *args
            )

    def revoke(self) -> bool:
        return bool(self.issuer("revoke", RevocationReason.REFUNDED))

    def replace(self) -> Any:
        return self.issuer("replace")

    def reissue(self) -> bool:
        with self.system.request(self.tenant) as request:
            row = lifecycle.lock_current(request.db, self.wanted.kind, self.wanted.subject_id)
            assert row is not None
            return bool(lifecycle.reissue(request.db, row, "x", None, utcnow()))

    def claim(self, certificate_id: uuid.UUID) -> Job | None:
        with self.system.request(self.tenant) as request:
            store = KeyStore(request.db, self.tenant, request.service(SecretBox))
            registry = request.registry["belgenet.certifiables"]
            return claim(request.db, certificate_id, registry, store, now=utcnow(), patience=timedelta(minutes=5))

    def finish(self, job: Job) -> bool:
        with self.system.request(self.tenant) as request:
            made = Sealed(b"%PDF-1.7 stand-in", uuid.uuid4().hex * 2, 1)
            done = store_and_finish(request.db, request.service(ObjectStore), self.tenant, job, made, utcnow())
            return done is not None

    def fail(self, job: Job, *, final: bool) -> None:
        with self.system.request(self.tenant) as request:
            give_up(request.db, job.certificate_id, job, RuntimeError("broken"), final=final)

    def retry(self) -> None:
        with self.system.request(self.tenant) as request:
            row = lifecycle.lock_current(request.db, self.wanted.kind, self.wanted.subject_id)
            assert row is not None
            lifecycle.retry(request.db, row, utcnow(), patience=timedelta())

    def make(self, certificate_id: uuid.UUID) -> bool:
        try:
            job = self.claim(certificate_id)
        except CertificateBusyError:
            return False
        return job is not None and self.finish(job)

    def make_all(self) -> None:
        for row in self.rows():
            if row.state in {"PENDING", "FAILED"}:
                self.make(row.id)

    def rows(self) -> list[Any]:
        found: list[Any] = self.system.sql(
            "SELECT * FROM certificates WHERE subject_id = :s ORDER BY id", s=self.wanted.subject_id
        )
        return found

    def valid(self) -> list[Any]:
        return [row for row in self.rows() if row.state == "READY"]
