"""Refunds, reissues and workers at the same moment: one certificate stands, and never one that was refunded."""

import random
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from tests.api.certificates.conftest import KIND, Award, Office

from belgenet.certificates.interfaces import CertificateIssuer, RevocationReason
from belgenet.certificates.services import lifecycle, read
from belgenet.certificates.services.documents import Job, Sealed
from belgenet.certificates.services.generate import CertificateBusyError, claim, store_and_finish
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
            return bool(lifecycle.reissue(request.db, read.locked(request.db, row.id), "x", None, utcnow()))

    def claim(self, certificate_id: uuid.UUID) -> Job | None:
        with self.system.request(self.tenant) as request:
            store = KeyStore(request.db, self.tenant, request.service(SecretBox))
            registry = request.registry["belgenet.certifiables"]
            return claim(request.db, certificate_id, registry, store, now=utcnow(), patience=timedelta(minutes=5))

    def finish(self, job: Job) -> bool:
        with self.system.request(self.tenant) as request:
            made = Sealed(b"%PDF-1.7 stand-in", uuid.uuid4().hex * 2, 1)
            return store_and_finish(request.db, request.service(ObjectStore), self.tenant, job, made, utcnow())

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


@pytest.fixture
def desk(system: Any, tenant: Any) -> Any:
    kinds = system.registry["belgenet.certifiables"].kinds
    kinds[KIND] = award = Award()
    made = Desk(system, tenant, award)
    made.make(made.first)
    yield made
    del kinds[KIND]


def at_once(*calls: Any) -> list[Any]:
    gate = Barrier(len(calls))

    def run(call: Any) -> Any:
        gate.wait()
        return call()

    with ThreadPoolExecutor(len(calls)) as pool:
        return [future.result() for future in [pool.submit(run, call) for call in calls]]


def test_a_refund_meets_the_worker_that_puts_a_new_one_in_place(desk: Any) -> None:
    """The refund waits for the old certificate's lock; when it has it, another is current, and that is the one to revoke."""
    for _ in range(6):
        if desk.valid():
            desk.reissue()
            job = desk.claim(desk.rows()[-1].id)
            assert at_once(desk.revoke, lambda job=job: desk.finish(job))[0] is True
        assert desk.valid() == []
        assert sum(row.current for row in desk.rows()) == 1
        desk.reissue()
        desk.make(desk.rows()[-1].id)
        assert len(desk.valid()) == 1


def test_a_partial_refund_meets_the_worker_that_puts_a_new_one_in_place(desk: Any) -> None:
    for _ in range(4):
        desk.reissue()
        job = desk.claim(desk.rows()[-1].id)
        before = {row.id for row in desk.rows()}
        at_once(desk.replace, lambda job=job: desk.finish(job))
        assert desk.valid() == [], "whatever was made from the facts before ends"
        (fresh,) = [row for row in desk.rows() if row.id not in before]
        assert (fresh.state, fresh.current) == ("PENDING", True)
        desk.make(fresh.id)
        assert [row.id for row in desk.valid()] == [fresh.id]


def test_administrators_who_issue_anew_at_once_leave_one(desk: Any) -> None:
    assert at_once(*[desk.reissue] * 4) == [True] * 4
    desk.make_all()
    assert len(desk.valid()) == 1
    assert [row.state for row in desk.rows()] == ["REVOKED"] * 4 + ["READY"]


@pytest.mark.parametrize("seed", range(4))
def test_everybody_at_once(desk: Any, seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(3):
        acts = chance.choices([desk.reissue, desk.replace, desk.revoke, desk.make_all], k=4)
        at_once(*acts)
        rows = desk.rows()
        assert sum(row.current for row in rows) == 1
        assert len(desk.valid()) <= 1
        assert all(row.current for row in desk.valid())
    if desk.revoke() or not desk.valid():
        desk.make_all()
    assert desk.valid() == []
