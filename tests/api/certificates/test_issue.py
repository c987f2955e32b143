"""From the request to a sealed file that verifies; once, whatever happens on the way."""

import hashlib
import json
import subprocess
import threading
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from belgenet.certificates import tasks
from belgenet.certificates.interfaces import CertificateIssuer, Line
from belgenet.core.pdf import PdfRenderError
from belgenet.core.signing.offline import OfflineVerifier, Outcome
from belgenet.core.signing.published import KeySet, open_revocations
from belgenet.core.storage import ObjectStore, StorageUnavailable


def verifier_of(app: Any) -> OfflineVerifier:
    """What a stranger has: the published documents, stored as files."""
    keys = KeySet.parse(app.get("/certificates/keys", status=200).body)
    revocations = open_revocations(app.get("/certificates/revocations", status=200).body, keys)
    return OfflineVerifier(keys, datetime.now(UTC), revocations)


def test_a_certificate_is_made_sealed_stored_and_downloaded(office: Any, donor: Any, app: Any, system: Any) -> None:
    found = office.issue(donor)
    listed = donor.client.get("/me/certificates", status=200).json["items"]
    assert [item["id"] for item in listed] == [str(found)]
    certificate = donor.client.get(f"/certificates/{found}", status=200).json
    assert certificate["status"] == "READY"
    assert certificate["title"] == "Büyükbaş kurban – 2 hisse"
    assert certificate["number"].startswith("VAKIF-")
    assert certificate["verify_url"].endswith(f"/verify/{certificate['code']}")
    download = donor.client.get(certificate["download_url"].removeprefix("/api/v1"), status=200)
    assert download.content_type == "application/pdf"
    assert certificate["number"] in download.headers["Content-Disposition"]
    row = office.row(found)
    assert hashlib.sha256(download.body).hexdigest() == row.sha256
    assert row.object_key == f"{row.tenant_id}/certificates/{row.sha256}"
    verdict = verifier_of(app).check_file(download.body, "Ayşe Işıl Yılmaz")
    assert verdict.outcome is Outcome.VALID
    assert (verdict.code, verdict.number) == (certificate["code"], certificate["number"])
    assert verdict.cautions == ()
    assert system.sql("SELECT template FROM mail_messages") == [("certificate_ready",)]


def test_the_printed_code_scans_and_verifies(office: Any, donor: Any, app: Any, tmp_path: Path) -> None:
    found = office.issue(donor)
    (tmp_path / "c.pdf").write_bytes(donor.client.get(f"/certificates/{found}/download").body)
    subprocess.run(["pdftoppm", "-r", "150", "-png", "-singlefile", tmp_path / "c.pdf", tmp_path / "c"], check=True)
    scan = subprocess.run(["zbarimg", "-q", "--raw", tmp_path / "c.png"], capture_output=True, check=True)
    verifier = verifier_of(app)
    assert verifier.check_text(scan.stdout.decode(), "AYŞE IŞIL YILMAZ").outcome is Outcome.VALID
    assert verifier.check_text(scan.stdout.decode(), "Ali").outcome is Outcome.OTHER_RECIPIENT
    text = subprocess.run(
        ["pdftotext", "-layout", tmp_path / "c.pdf", "-"], capture_output=True, check=True
    ).stdout.decode()
    assert "Ayşe Işıl Yılmaz" in text
    assert "Doğu Afrika" in text


@pytest.mark.parametrize(
    "name", ["<script>alert(1)</script>", "Ğ" * 200, "عبد الرحمن بن محمد", 'O\'Neill & {{ 7*7 }} "x"']
)
def test_any_name_prints_as_it_is(office: Any, donor: Any, app: Any, tmp_path: Path, name: str) -> None:
    office.award.lines = tuple(Line(name, "vacip") for _ in range(30))
    found = office.issue(donor, recipient=name)
    pdf = donor.client.get(f"/certificates/{found}/download", status=200).body
    assert verifier_of(app).check_file(pdf, name).outcome is Outcome.VALID
    (tmp_path / "c.pdf").write_bytes(pdf)
    text = subprocess.run(["pdftotext", tmp_path / "c.pdf", "-"], capture_output=True, check=True).stdout.decode()
    for word in name.split():
        assert word[:12] in text
    assert office.row(found).pages >= 2


def test_asked_twice_is_issued_once(office: Any, donor: Any, system: Any) -> None:
    wanted = office.wanted(donor)
    first, second = office.ask(wanted), office.ask(wanted)
    system.drain()
    assert first == second == office.ask(wanted)
    assert system.sql("SELECT count(*) FROM certificates")[0][0] == 1


def test_asked_by_many_at_once_is_issued_once(office: Any, donor: Any, system: Any) -> None:
    wanted, found = office.wanted(donor), []
    threads = [threading.Thread(target=lambda: found.append(office.ask(wanted))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    system.drain()
    assert len(found) == 6
    assert len(set(found)) == 1
    assert system.sql("SELECT count(*) FROM certificates WHERE state = 'READY'")[0][0] == 1


def test_delivered_again_nothing_is_made_again(office: Any, donor: Any, system: Any) -> None:
    found = office.issue(donor)
    before = office.row(found)
    system.sql("UPDATE outbox_deliveries SET state = 'pending', available_at = now()")
    system.drain()
    after = office.row(found)
    assert (after.sha256, after.attempts, after.number) == (before.sha256, 1, before.number)


def test_a_rolled_back_request_leaves_nothing(office: Any, donor: Any, system: Any) -> None:
    def fails() -> None:
        with system.request(office.tenant) as request:
            request.service(CertificateIssuer).request_issue(request.db, office.wanted(donor))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fails()
    assert system.drain() == 0
    assert system.sql("SELECT count(*) FROM certificates")[0][0] == 0


@pytest.mark.parametrize("place", ["facts", "render", "store", "finish"])
def test_a_crash_anywhere_is_made_good_by_the_next_try(
    office: Any, donor: Any, app: Any, system: Any, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    def crash(*_: object, **__: object) -> None:
        raise StorageUnavailable("killed here")

    with monkeypatch.context() as patch:
        if place == "facts":
            office.award.before = crash
        elif place == "render":
            patch.setattr(tasks, "make_document", crash)
        elif place == "store":
            patch.setattr(type(system.registry["belgenet.storage"]), "put", crash)
        else:
            patch.setattr(tasks, "_tell", crash)
        found = office.issue(donor)
        row = office.row(found)
        assert row.state == "PENDING"
        assert "killed here" in row.last_error
    office.award.before = lambda: None
    system.sql("UPDATE outbox_deliveries SET available_at = now() WHERE state = 'pending'")
    system.drain()
    row = office.row(found)
    assert row.state == "READY"
    assert row.last_error is None
    assert row.number.endswith("-000001")
    pdf = donor.client.get(f"/certificates/{found}/download", status=200).body
    assert verifier_of(app).check_file(pdf).outcome is Outcome.VALID


def test_a_try_that_died_silently_is_taken_over_when_its_time_is_up(office: Any, donor: Any, system: Any) -> None:
    found = office.ask(office.wanted(donor))
    system.sql(
        "UPDATE certificates SET state = 'GENERATING', generation = gen_random_uuid(), generating_since = now() WHERE id = :id",
        id=found,
    )
    system.drain()
    assert office.row(found).state == "GENERATING"
    error = system.sql("SELECT last_error FROM outbox_deliveries WHERE consumer = 'certificates.generate'")[0][0]
    assert "CertificateBusyError" in error
    system.sql("UPDATE certificates SET generating_since = now() - interval '10 minutes'")
    system.sql("UPDATE outbox_deliveries SET available_at = now()")
    system.drain()
    assert office.row(found).state == "READY"


def test_a_late_try_does_not_overwrite_the_one_that_took_over(
    office: Any, donor: Any, system: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = tasks.make_document
    taken_over = str(uuid.uuid4())

    def slow(*args: Any, **kw: Any) -> Any:
        system.sql("UPDATE certificates SET generation = CAST(:g AS uuid)", g=taken_over)
        return real(*args, **kw)

    monkeypatch.setattr(tasks, "make_document", slow)
    found = office.issue(donor)
    row = office.row(found)
    assert (row.state, str(row.generation), row.object_key) == ("GENERATING", taken_over, None)
    assert system.sql("SELECT count(*) FROM mail_messages") == [(0,)]


def test_a_certificate_revoked_while_it_is_made_stays_revoked(
    office: Any, donor: Any, system: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from belgenet.certificates.interfaces import RevocationReason

    real, wanted = tasks.make_document, office.wanted(donor)

    def revoked_meanwhile(*args: Any, **kw: Any) -> Any:
        with system.request(office.tenant) as request:
            issuer = request.service(CertificateIssuer)
            assert issuer.revoke(request.db, wanted.kind, wanted.subject_id, RevocationReason.REFUNDED)
            assert not issuer.revoke(request.db, wanted.kind, wanted.subject_id, RevocationReason.REFUNDED)
        return real(*args, **kw)

    monkeypatch.setattr(tasks, "make_document", revoked_meanwhile)
    found = office.ask(wanted)
    system.drain()
    assert office.row(found).state == "REVOKED"


def test_a_broken_template_fails_at_once_and_ends_as_a_dead_letter(
    office: Any, donor: Any, system: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def hopeless(*_: object, **__: object) -> None:
        raise PdfRenderError("no such layout")

    with monkeypatch.context() as patch:
        patch.setattr(tasks, "make_document", hopeless)
        found = office.issue(donor)
        assert office.row(found).state == "FAILED"
        assert "no such layout" in office.row(found).last_error
        for _ in range(4):
            system.sql("UPDATE outbox_deliveries SET available_at = now() WHERE state = 'pending'")
            system.drain()
    dead = "SELECT state FROM outbox_deliveries WHERE consumer = 'certificates.generate'"
    assert system.sql(dead)[0][0] == "dead"
    assert donor.client.get(f"/certificates/{found}").json["status"] == "FAILED"
    assert donor.client.get(f"/certificates/{found}/download", status=409).json["code"] == "certificate_not_ready"
    system.sql("UPDATE outbox_deliveries SET state = 'pending', attempts = 0, available_at = now()")
    system.drain()
    assert office.row(found).state == "READY"


def test_storage_that_stays_away_ends_as_failed(
    office: Any, donor: Any, system: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise StorageUnavailable("no route")

    monkeypatch.setattr(type(system.registry["belgenet.storage"]), "put", away)
    found = office.issue(donor)
    states = [office.row(found).state]
    for _ in range(3):
        system.sql("UPDATE outbox_deliveries SET available_at = now() WHERE state = 'pending'")
        system.drain()
        states.append(office.row(found).state)
    assert states == ["PENDING", "PENDING", "PENDING", "FAILED"]


def test_facts_that_cannot_be_read_end_as_failed(office: Any, donor: Any, system: Any) -> None:
    def gone() -> None:
        raise LookupError("the order is gone")

    office.award.before = gone
    found = office.issue(donor)
    for _ in range(3):
        system.sql("UPDATE outbox_deliveries SET available_at = now() WHERE state = 'pending'")
        system.drain()
    row = office.row(found)
    assert (row.state, row.last_error) == ("FAILED", "LookupError: the order is gone")


def test_numbers_count_per_tenant_without_gaps(office: Any, donor: Any, system: Any) -> None:
    for _ in range(3):
        office.issue(donor)
    numbers = [row.number for row in system.sql("SELECT number FROM certificates ORDER BY id")]
    assert [number[-6:] for number in numbers] == ["000001", "000002", "000003"]


def test_other_domains_see_their_certificates_in_one_query(office: Any, donor: Any, system: Any) -> None:
    wanted = [office.wanted(donor) for _ in range(3)]
    for item in wanted:
        office.ask(item)
    orders = [item.order_id for item in wanted]
    with system.request(office.tenant) as request:
        issuer = request.service(CertificateIssuer)
        request.db.connection()
        with system.count_queries() as queries:
            by_order = issuer.of_orders(request.db, orders)
            by_subject = issuer.of_subjects(request.db, wanted[0].kind, [item.subject_id for item in wanted])
        assert len(queries) == 2
        assert issuer.of_orders(request.db, []) == {}
        assert issuer.of_subjects(request.db, "x", []) == {}
    assert [len(by_order[order]) for order in orders] == [1, 1, 1]
    assert {item.state for item in by_subject.values()} == {"PENDING"}


def test_the_stored_facts_are_what_the_qr_code_signs(office: Any, donor: Any, app: Any) -> None:
    from belgenet.core.signing.pdf_check import check_pdf
    from belgenet.core.signing.qr import facts_digest, parse_qr

    found = office.issue(donor)
    pdf = donor.client.get(f"/certificates/{found}/download").body
    scanned = parse_qr(check_pdf(pdf, []).qr_text)
    assert scanned.payload.facts == facts_digest(office.row(found).facts)
    assert json.dumps(office.row(found).facts)


def test_the_object_store_holds_exactly_the_file(office: Any, donor: Any, system: Any) -> None:
    found = office.issue(donor)
    row = office.row(found)
    with system.request(office.tenant) as request:
        assert len(request.service(ObjectStore).get(row.object_key)) == row.size
