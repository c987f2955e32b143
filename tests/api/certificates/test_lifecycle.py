"""Certificates that end, and those that come in their place."""

import json
import uuid
from typing import Any

import pytest
from tests.api.certificates.helpers import code_of, judge, standing

from belgenet.certificates import tasks
from belgenet.certificates.interfaces import CertificateIssuer, Line, RevocationReason
from belgenet.core.pdf import PdfRenderError
from belgenet.core.signing.offline import Outcome


def test_revoking_reaches_everyone(office: Any, donor: Any, admin: Any, app: Any, system: Any) -> None:
    found = office.issue(donor)
    pdf = donor.client.get(f"/certificates/{found}/download").body
    code = code_of(donor, found)
    answer = admin.client.post(
        f"/admin/certificates/{found}/revoke", {"reason": "Ad yanlış", "code": "issued_in_error"}
    )
    assert answer.json["status"] == "REVOKED"
    public = app.get(f"/certificates/verify/{code}").json
    assert (public["status"], public["reason"]) == ("revoked", "issued_in_error")
    assert "Ad yanlış" not in json.dumps(public)
    assert judge(app, pdf) is Outcome.REVOKED
    assert donor.client.get(f"/certificates/{found}/download", status=410).json["code"] == "certificate_revoked"
    admin.client.get(f"/certificates/{found}/download", status=200)
    again = admin.client.post(f"/admin/certificates/{found}/revoke", {"reason": "Ad yanlış"}, status=409)
    assert again.json["code"] == "certificate_revoked"
    acts = system.sql("SELECT * FROM audit_events WHERE action = 'certificate.revoke'")
    assert len(acts) == 1
    assert acts[0].before == {"status": "READY"}
    assert acts[0].actor_id == admin.account_id


def test_reissuing_replaces(office: Any, donor: Any, admin: Any, app: Any, system: Any) -> None:
    found = office.issue(donor)
    pdf = donor.client.get(f"/certificates/{found}/download").body
    old_code = code_of(donor, found)
    body = {"reason": "Ad düzeltildi", "recipient": "Ayşe Işıl Yılmazer"}
    fresh = admin.client.post(f"/admin/certificates/{found}/reissue", body, status=201).json
    assert fresh["status"] == "PENDING"
    system.drain()
    assert donor.client.get(f"/certificates/{found}").json["replaced_by"] == fresh["id"]
    new = donor.client.get(f"/certificates/{fresh['id']}").json
    assert new["status"] == "READY"
    assert new["recipient"] == "Ayşe Işıl Yılmazer"
    assert new["number"] != office.row(found).number
    assert app.get(f"/certificates/verify/{old_code}").json["status"] == "replaced"
    assert app.get(f"/certificates/verify/{new['code']}").json["status"] == "valid"
    assert judge(app, pdf) is Outcome.REPLACED
    assert judge(app, donor.client.get(f"/certificates/{new['id']}/download").body) is Outcome.VALID
    assert admin.client.post(f"/admin/certificates/{found}/reissue", body).status_int == 409
    assert office.ask(office.wanted(donor, subject_id=office.row(found).subject_id)) == uuid.UUID(fresh["id"])


def test_a_revoked_certificate_may_be_issued_anew(office: Any, donor: Any, admin: Any, app: Any, system: Any) -> None:
    found = office.issue(donor)
    code = code_of(donor, found)
    admin.client.post(f"/admin/certificates/{found}/revoke", {"reason": "yanlışlıkla"}, status=200)
    admin.client.post(f"/admin/certificates/{found}/reissue", {"reason": "geri alındı"}, status=201)
    assert app.get(f"/certificates/verify/{code}").json["status"] == "revoked"


def test_a_refund_revokes_through_the_interface(office: Any, donor: Any, app: Any, system: Any) -> None:
    wanted = office.wanted(donor)
    found = office.ask(wanted)
    system.drain()
    with system.request(office.tenant) as request:
        issuer = request.service(CertificateIssuer)
        assert issuer.revoke(request.db, wanted.kind, wanted.subject_id, RevocationReason.REFUNDED)
        assert not issuer.revoke(request.db, wanted.kind, uuid.uuid4(), RevocationReason.REFUNDED)
    assert app.get(f"/certificates/verify/{code_of(donor, found)}").json["reason"] == "refunded"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"reason": ""},
        {"reason": "x\x00y"},
        {"reason": "x", "code": "replaced"},
        {"reason": 5},
        [],
        {"reason": "x", "y": 1},
    ],
)
def test_a_revocation_without_a_proper_reason_is_refused(office: Any, donor: Any, admin: Any, body: Any) -> None:
    found = office.ask(office.wanted(donor))
    answer = admin.client.post(f"/admin/certificates/{found}/revoke", body, status=400)
    assert answer.json["code"] == "invalid_input"
    assert office.row(found).state == "PENDING"


# -- while the new one is in the making -------------------------------------------------------------------------------


def hopeless(*_: object, **__: object) -> None:
    """What making a document does when its template is broken."""
    raise PdfRenderError("no such layout")


def reissue(admin: Any, certificate_id: Any, status: int = 201, **fields: Any) -> Any:
    body = {"reason": "Ad düzeltildi", **fields}
    return admin.client.post(f"/admin/certificates/{certificate_id}/reissue", body, status=status).json


def test_the_old_one_is_valid_until_the_new_one_is_ready(
    office: Any, donor: Any, admin: Any, app: Any, system: Any
) -> None:
    wanted = office.wanted(donor)
    old = office.ask(wanted)
    system.drain()
    pdf, code = donor.client.get(f"/certificates/{old}/download").body, code_of(donor, old)
    fresh = reissue(admin, old)
    assert (fresh["status"], fresh["replaces"], fresh["current"]) == ("PENDING", str(old), False)
    assert standing(app, code) == "valid"
    assert judge(app, pdf) is Outcome.VALID
    donor.client.get(f"/certificates/{old}/download", status=200)
    with system.request(office.tenant) as request:
        seen = request.service(CertificateIssuer).of_orders(request.db, [wanted.order_id])[wanted.order_id]
    assert [item.id for item in seen] == [old]
    system.drain()
    assert (standing(app, code), standing(app, fresh["code"])) == ("replaced", "valid")
    row = office.row(old)
    assert (row.current, str(row.replaced_by), row.revocation_note) == (False, fresh["id"], "Ad düzeltildi")
    assert admin.client.get(f"/certificates/{fresh['id']}").json["replaces"] is None


def test_if_the_new_one_fails_the_old_one_stays(
    office: Any, donor: Any, admin: Any, app: Any, system: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = office.issue(donor)
    code = code_of(donor, old)
    with monkeypatch.context() as patch:
        patch.setattr(tasks, "make_document", hopeless)
        failed = reissue(admin, old)
        system.drain()
    assert office.row(failed["id"]).state == "FAILED"
    assert standing(app, code) == "valid"
    page = admin.client.get("/admin/dashboard", status=200).json
    assert next(item for item in page["attention"] if item["kind"] == "certificates_failed")["count"] == 1
    again = reissue(admin, old)
    system.drain()
    assert (standing(app, code), standing(app, again["code"])) == ("replaced", "valid")
    assert office.row(failed["id"]).state == "REVOKED"
    assert standing(app, failed["code"]) == "unknown"


def test_a_dead_letter_tried_again_still_takes_the_place(
    office: Any, donor: Any, admin: Any, app: Any, system: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = office.issue(donor)
    with monkeypatch.context() as patch:
        patch.setattr(tasks, "make_document", hopeless)
        fresh = reissue(admin, old)
        system.drain()
    system.sql("UPDATE outbox_deliveries SET available_at = now() WHERE state = 'pending'")
    system.drain()
    assert (standing(app, code_of(donor, old)), standing(app, fresh["code"])) == ("replaced", "valid")


def test_issued_anew_twice_only_the_last_counts(office: Any, donor: Any, admin: Any, app: Any, system: Any) -> None:
    old = office.issue(donor)
    first, second = reissue(admin, old, recipient="Yanlış Ad"), reissue(admin, old, recipient="Doğru Ad")
    system.drain()
    assert standing(app, code_of(donor, old)) == "replaced"
    assert (standing(app, first["code"]), standing(app, second["code"])) == ("unknown", "valid")
    assert str(office.row(old).replaced_by) == second["id"]


def test_a_revocation_also_ends_what_was_to_come(office: Any, donor: Any, admin: Any, app: Any, system: Any) -> None:
    wanted = office.wanted(donor)
    old = office.ask(wanted)
    system.drain()
    fresh = reissue(admin, old)
    with system.request(office.tenant) as request:
        assert request.service(CertificateIssuer).revoke(
            request.db, wanted.kind, wanted.subject_id, RevocationReason.REFUNDED
        )
    system.drain()
    assert (standing(app, code_of(donor, old)), standing(app, fresh["code"])) == ("revoked", "unknown")
    assert office.row(fresh["id"]).state == "REVOKED"


def test_one_that_was_never_ready_gives_its_place_at_once(office: Any, donor: Any, admin: Any, system: Any) -> None:
    old = office.ask(office.wanted(donor))
    fresh = reissue(admin, old)
    assert (fresh["current"], fresh["replaces"]) == (True, None)
    assert office.row(old).state == "REVOKED"
    system.drain()
    assert office.row(fresh["id"]).state == "READY"
    assert office.row(old).ready_at is None
    reissue(admin, old, status=409)


# -- what it says is true no longer -----------------------------------------------------------------------------------


def changed(office: Any, system: Any, wanted: Any, *lines: str) -> Any:
    """What a partial refund does: fewer lines, and another certificate for them."""
    office.award.lines = tuple(Line(name) for name in lines)
    with system.request(office.tenant) as request:
        return request.service(CertificateIssuer).replace(request.db, wanted.kind, wanted.subject_id)


def test_a_partial_refund_leaves_a_certificate_of_the_rest(
    office: Any, donor: Any, app: Any, system: Any, mail_sink: Any
) -> None:
    wanted = office.wanted(donor)
    old = office.ask(wanted)
    system.drain()
    fresh = changed(office, system, wanted, "Kalan Kişi")
    assert standing(app, code_of(donor, old)) == "replaced", "it said too much, so it ends at once"
    system.drain()
    assert [line["name"] for line in office.row(fresh).facts["lines"]] == ["Kalan Kişi"]
    assert standing(app, code_of(donor, fresh)) == "valid"
    assert str(office.row(old).replaced_by) == str(fresh)
    assert len(mail_sink.mails(donor.email)) == 2
    with system.request(office.tenant) as request:
        assert request.service(CertificateIssuer).replace(request.db, wanted.kind, uuid.uuid4()) is None


@pytest.mark.parametrize("state", ["PENDING", "FAILED"])
def test_one_not_made_yet_is_made_from_what_remains(
    office: Any, donor: Any, app: Any, system: Any, monkeypatch: pytest.MonkeyPatch, state: str
) -> None:
    wanted = office.wanted(donor)
    with monkeypatch.context() as patch:
        patch.setattr(tasks, "make_document", hopeless)
        found = office.ask(wanted)
        if state == "FAILED":
            system.drain()
    assert office.row(found).state == state
    assert changed(office, system, wanted, "Kalan Kişi") == found
    system.drain()
    assert [line["name"] for line in office.row(found).facts["lines"]] == ["Kalan Kişi"]
    assert system.sql("SELECT count(*) FROM certificates") == [(1,)]


def test_one_that_is_being_made_is_begun_again(
    office: Any, donor: Any, system: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, wanted, refunds = tasks.make_document, office.wanted(donor), ["once"]

    def refunded_meanwhile(*args: Any, **kw: Any) -> Any:
        if refunds:
            refunds.clear()
            changed(office, system, wanted, "Kalan Kişi")
        return real(*args, **kw)

    monkeypatch.setattr(tasks, "make_document", refunded_meanwhile)
    found = office.ask(wanted)
    system.drain()
    row = office.row(found)
    assert (row.state, [line["name"] for line in row.facts["lines"]]) == ("READY", ["Kalan Kişi"])
    assert system.sql("SELECT count(*) FROM mail_messages WHERE template = 'certificate_ready'") == [(1,)]


def test_a_revoked_one_stays_revoked(office: Any, donor: Any, admin: Any, app: Any, system: Any) -> None:
    wanted = office.wanted(donor)
    found = office.ask(wanted)
    system.drain()
    admin.client.post(f"/admin/certificates/{found}/revoke", {"reason": "yanlış"}, status=200)
    assert changed(office, system, wanted, "Kalan Kişi") is None
    assert standing(app, code_of(donor, found)) == "revoked"


# -- asking again for one that failed ---------------------------------------------------------------------------------


@pytest.fixture
def failed(office: Any, donor: Any, system: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """An order whose certificate could not be made: (order, certificate)."""
    order = uuid.uuid4()
    wanted = office.wanted(donor, order_id=order)
    office.award.by_order[order] = [wanted]
    with monkeypatch.context() as patch:
        patch.setattr(tasks, "make_document", hopeless)
        found = office.issue(donor, subject_id=wanted.subject_id, order_id=order)
        system.sql("DELETE FROM outbox_deliveries")
    assert office.row(found).state == "FAILED"
    return order, found


def test_its_owner_may_have_it_tried_again_every_few_minutes(office: Any, donor: Any, system: Any, failed: Any) -> None:
    order, found = failed
    soon = donor.client.post(f"/certificates/{order}", status=201)
    assert soon.json["status"] == "FAILED"
    assert 0 < int(soon.headers["Retry-After"]) <= 300
    system.drain()
    assert office.row(found).state == "FAILED"
    system.sql("UPDATE certificates SET updated_at = now() - interval '5 minutes'")
    later = donor.client.post(f"/certificates/{order}", status=201)
    assert (later.json["id"], later.json["status"]) == (str(found), "PENDING")
    assert "Retry-After" not in later.headers
    donor.client.post(f"/certificates/{order}", status=201)
    assert system.sql("SELECT count(*) FROM outbox WHERE topic = 'certificate.requested'") == [(2,)]
    system.drain()
    assert office.row(found).state == "READY"
    assert donor.client.post(f"/certificates/{order}", status=201).json["status"] == "READY"


def test_the_administrator_need_not_wait(office: Any, admin: Any, system: Any, failed: Any) -> None:
    order, found = failed
    assert admin.client.post(f"/certificates/{order}", status=201).json["status"] == "PENDING"
    system.drain()
    assert office.row(found).state == "READY"
