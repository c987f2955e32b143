"""Who may see and do what with certificates, and what strangers learn."""

import json
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from belgenet.certificates.interfaces import CertificateIssuer, RevocationReason
from belgenet.certificates.services.issue import CODE_ALPHABET, grouped_code, move_to_account
from belgenet.cli.certificate import EXIT_CODES, certificate
from belgenet.core.security import Role
from belgenet.core.signing.keys import KeyPurpose, KeyState
from belgenet.core.signing.offline import OfflineVerifier, Outcome
from belgenet.core.signing.published import KeySet, open_revocations


def code_of(person: Any, certificate_id: uuid.UUID) -> str:
    return person.client.get(f"/certificates/{certificate_id}", status=200).json["code"]


def judge(app: Any, pdf: bytes) -> Outcome:
    keys = KeySet.parse(app.get("/certificates/keys", status=200).body)
    revocations = open_revocations(app.get("/certificates/revocations", status=200).body, keys)
    return OfflineVerifier(keys, datetime.now(UTC), revocations).check_file(pdf).outcome


# -- who sees what ---------------------------------------------------------------------------------------------------


def test_a_certificate_is_its_owners(office: Any, donor: Any, admin: Any, app: Any, system: Any) -> None:
    found = office.issue(donor)
    other = system.sign_in(office.tenant, Role.DONOR)
    operator = system.sign_in(office.tenant, Role.OPERATOR)
    for path in (f"/certificates/{found}", f"/certificates/{found}/download"):
        donor.client.get(path, status=200)
        admin.client.get(path, status=200)
        assert other.client.get(path, status=404).json["code"] == "not_found"
        assert operator.client.get(path, status=404).json["code"] == "not_found"
        assert app.get(path, status=401).json["code"] == "not_authenticated"
    assert other.client.get("/me/certificates", status=200).json == {"items": [], "next": None}
    for action in ("revoke", "reissue"):
        assert donor.client.post(f"/admin/certificates/{found}/{action}", {"reason": "xx"}).status_int == 403
        assert other.client.post(f"/admin/certificates/{found}/{action}", {"reason": "xx"}).status_int == 404


def test_another_tenant_sees_nothing(office: Any, donor: Any, system: Any, other_tenant: Any) -> None:
    found = office.issue(donor)
    code = code_of(donor, found)
    stranger = system.sign_in(other_tenant, Role.TENANT_ADMIN)
    for path in (f"/certificates/{found}", f"/certificates/{found}/download"):
        stranger.client.get(path, status=404)
    assert stranger.client.get("/admin/certificates", status=200).json["items"] == []
    assert stranger.client.get(f"/certificates/verify/{code}", status=200).json["status"] == "unknown"
    ours = {key["kid"] for key in donor.client.get("/certificates/keys").json["keys"]}
    theirs = {key["kid"] for key in stranger.client.get("/certificates/keys").json["keys"]}
    assert not ours & theirs


def test_another_tenants_keys_refuse_our_certificate(office: Any, donor: Any, system: Any, other_tenant: Any) -> None:
    found = office.issue(donor)
    pdf = donor.client.get(f"/certificates/{found}/download").body
    assert judge(donor.client, pdf) is Outcome.VALID
    assert judge(system.client(other_tenant), pdf) is Outcome.UNKNOWN_ISSUER


def test_a_download_is_not_sent_twice_to_who_has_it(office: Any, donor: Any) -> None:
    found = office.issue(donor)
    first = donor.client.get(f"/certificates/{found}/download", status=200)
    assert first.headers["Content-Length"] == str(len(first.body))
    assert first.headers["Cache-Control"] == "private, no-cache"
    again = donor.client.get(f"/certificates/{found}/download", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_int, again.body) == (304, b"")


def test_my_certificates_come_in_pages_with_a_constant_number_of_queries(office: Any, donor: Any, system: Any) -> None:
    counts = []
    for size in (2, 8):
        for _ in range(size):
            office.ask(office.wanted(donor))
        with system.count_queries() as queries:
            page = donor.client.get("/me/certificates?limit=10", status=200).json
        counts.append(len(queries))
    assert len(page["items"]) == 10
    assert page["next"] is None
    assert counts[0] == counts[1]
    first = donor.client.get("/me/certificates?limit=4").json
    second = donor.client.get(f"/me/certificates?limit=4&cursor={first['next']}").json
    ids = [item["id"] for item in [*first["items"], *second["items"]]]
    assert len(set(ids)) == 8
    assert ids == sorted(ids, reverse=True)


# -- asking for an order's certificate -------------------------------------------------------------------------------


def test_an_orders_owner_asks_for_its_certificate(office: Any, donor: Any, admin: Any, app: Any, system: Any) -> None:
    order = uuid.uuid4()
    office.award.by_order[order] = [office.wanted(donor, order_id=order)]
    made = donor.client.post(f"/certificates/{order}", status=201).json
    assert made["status"] == "PENDING"
    assert made["order_id"] == str(order)
    assert donor.client.post(f"/certificates/{order}", status=201).json["id"] == made["id"]
    assert admin.client.post(f"/certificates/{order}", status=201).json["id"] == made["id"]
    stranger = system.sign_in(office.tenant, Role.DONOR)
    assert stranger.client.post(f"/certificates/{order}", status=404).json["code"] == "not_found"
    app.post(f"/certificates/{order}", status=401)
    system.drain()
    assert donor.client.get(f"/certificates/{made['id']}").json["status"] == "READY"


def test_an_order_that_earned_nothing_has_no_certificate(office: Any, donor: Any) -> None:
    donor.client.post(f"/certificates/{uuid.uuid4()}", status=404)
    found = office.issue(donor)
    donor.client.post(f"/certificates/{found}", status=404)


# -- the public check ------------------------------------------------------------------------------------------------


def test_the_public_check_masks_names(office: Any, donor: Any, app: Any) -> None:
    code = code_of(donor, office.issue(donor))
    answer = app.get(f"/certificates/verify/{code}", status=200)
    body = answer.json
    assert body["status"] == "valid"
    assert body["recipient"] == "A*** I*** Y***"
    assert body["names"] == ["A*** I*** Y***", "م*** ب*** ع*** ا***"]
    assert body["issuer"] == "Vakif Kurumu"
    for secret in ("Yılmaz", donor.email, str(donor.account_id)):
        assert secret not in answer.text


@pytest.mark.parametrize("typed", [str.lower, grouped_code, lambda code: grouped_code(code).lower()])
def test_a_code_is_found_however_it_is_typed(office: Any, donor: Any, app: Any, typed: Any) -> None:
    code = code_of(donor, office.issue(donor))
    assert app.get(f"/certificates/verify/{typed(code)}").json["status"] == "valid"


def test_look_alike_letters_are_forgiven(office: Any, donor: Any, app: Any, system: Any) -> None:
    found = office.issue(donor)
    system.sql("UPDATE certificates SET code = '0123456789ABCDE1' WHERE id = :id", id=found)
    assert app.get("/certificates/verify/o123456789abcdei").json["status"] == "valid"


@pytest.mark.parametrize("code", ["0000000000000000", "K7QM-2X4T-B9WR-3HNC", "aaaaaaaa"])
def test_an_unknown_code_is_an_answer(app: Any, code: str) -> None:
    assert app.get(f"/certificates/verify/{code}", status=200).json["status"] == "unknown"


@pytest.mark.parametrize("code", ["short", "x" * 41, "a%00bbbbbbb", "..%2f..%2fetc", "%C4%9E" * 10])
def test_what_is_no_code_is_no_path(app: Any, code: str) -> None:
    assert app.get(f"/certificates/verify/{code}").status_int in {400, 404}


def test_a_certificate_in_the_making_is_unknown_to_the_public(office: Any, donor: Any, app: Any) -> None:
    found = office.ask(office.wanted(donor))
    assert app.get(f"/certificates/verify/{code_of(donor, found)}").json["status"] == "unknown"


def test_codes_are_long_and_of_readable_letters(office: Any, donor: Any) -> None:
    codes = {code_of(donor, office.ask(office.wanted(donor))) for _ in range(20)}
    assert len(codes) == 20
    assert all(len(code) == 16 and set(code) <= set(CODE_ALPHABET) for code in codes)


def test_published_documents_may_be_cached_and_hold_no_private_key(
    office: Any, donor: Any, app: Any, system: Any
) -> None:
    office.issue(donor)
    for path in ("/certificates/keys", "/certificates/revocations"):
        assert app.get(path, status=200).headers["Cache-Control"] == "public, max-age=300"
    text = app.get("/certificates/keys").text
    for row in system.sql("SELECT secret FROM signing_keys"):
        assert row.secret not in text
    assert '"d"' not in text
    assert "PRIVATE" not in text


# -- revoke and reissue ----------------------------------------------------------------------------------------------


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


# -- the administrator's list ----------------------------------------------------------------------------------------


def test_the_administrator_finds_certificates(office: Any, donor: Any, admin: Any) -> None:
    first = office.issue(donor, recipient="Çağrı Öz")
    second = office.ask(office.wanted(donor, recipient="Deniz 100%"))
    listed = admin.client.get("/admin/certificates", status=200).json["items"]
    assert [item["id"] for item in listed] == [str(second), str(first)]
    assert listed[0]["email"] == donor.email

    def found(query: str) -> list[str]:
        return [item["id"] for item in admin.client.get(f"/admin/certificates?{query}", status=200).json["items"]]

    assert found("status=READY") == [str(first)]
    assert found("status=PENDING") == [str(second)]
    assert found("q=%C3%A7a%C4%9Fr%C4%B1") == [str(first)]
    assert found("q=100%25") == [str(second)]
    assert found("q=%25") == [str(second)]
    assert found(f"q={grouped_code(code_of(donor, first))}") == [str(first)]
    assert found(f"q={donor.email}") == [str(second), str(first)]
    admin.client.get("/admin/certificates?status=LOST", status=400)
    donor.client.get("/admin/certificates", status=403)


# -- keys ------------------------------------------------------------------------------------------------------------


def rotate(system: Any, tenant: Any, purpose: KeyPurpose) -> None:
    from belgenet.certificates.services.keys import KeyStore
    from belgenet.core.signing.secretbox import SecretBox

    with system.request(tenant) as request:
        KeyStore(request.db, tenant, request.service(SecretBox)).rotate(purpose, datetime.now(UTC))


@pytest.mark.parametrize("purpose", list(KeyPurpose))
def test_old_certificates_survive_a_rotation_of_keys(
    office: Any, donor: Any, app: Any, system: Any, purpose: KeyPurpose
) -> None:
    before = donor.client.get(f"/certificates/{office.issue(donor)}/download").body
    rotate(system, office.tenant, purpose)
    after = donor.client.get(f"/certificates/{office.issue(donor)}/download").body
    assert judge(app, before) is Outcome.VALID
    assert judge(app, after) is Outcome.VALID
    published = app.get("/certificates/keys").json
    states = [item["state"] for part in ("keys", "pdf_roots", "pdf_signers") for item in published[part]]
    assert KeyState.RETIRED in states


def test_a_withdrawn_key_is_trusted_no_more(office: Any, donor: Any, app: Any, system: Any) -> None:
    from belgenet.certificates.services.keys import KeyStore, NoSuchKeyError
    from belgenet.core.signing.secretbox import SecretBox

    pdf = donor.client.get(f"/certificates/{office.issue(donor)}/download").body
    kid = app.get("/certificates/keys").json["pdf_signers"][0]["kid"]
    with system.request(office.tenant) as request:
        store = KeyStore(request.db, office.tenant, request.service(SecretBox))
        store.withdraw(kid, datetime.now(UTC))
        with pytest.raises(NoSuchKeyError):
            store.withdraw("absent", datetime.now(UTC))
    assert judge(app, pdf) is Outcome.UNKNOWN_ISSUER
    again = donor.client.get(f"/certificates/{office.issue(donor)}/download").body
    assert judge(app, again) is Outcome.VALID


def test_maintenance_makes_renews_and_seals_anew(office: Any, system: Any) -> None:
    import os

    from belgenet.certificates.services.keys import KeyStore
    from belgenet.certificates.tasks import maintain_keys
    from belgenet.core.security import Keyring
    from belgenet.core.signing.secretbox import SecretBox

    with system.request(office.tenant) as request:
        maintain_keys(request)
        maintain_keys(request)
    rows = system.sql("SELECT * FROM signing_keys")
    assert sorted(row.purpose for row in rows) == ["pdf", "qr", "root"]
    old = system.settings.security.master_keys.get_secret_value()
    import base64

    both = Keyring.parse("x", f"new:{base64.b64encode(os.urandom(32)).decode()} {old}")
    system.sql("UPDATE signing_keys SET not_after = now() + interval '100 days' WHERE purpose = 'qr'")
    with system.request(office.tenant) as request:
        done = KeyStore(request.db, office.tenant, SecretBox(both)).maintain(datetime.now(UTC))
    assert len(done) == 4
    rows = system.sql("SELECT * FROM signing_keys")
    assert sorted(row.state for row in rows if row.purpose == "qr") == ["ACTIVE", "RETIRED"]
    assert all(row.secret.startswith("a1.new.") for row in rows)


def test_a_secret_copied_to_another_tenant_does_not_open(office: Any, system: Any, other_tenant: Any) -> None:
    from belgenet.certificates.services.keys import KeyStore
    from belgenet.core.signing.secretbox import SealBrokenError, SecretBox

    for tenant in (office.tenant, other_tenant):
        rotate(system, tenant, KeyPurpose.QR)
    system.sql(
        "UPDATE signing_keys SET secret = (SELECT secret FROM signing_keys WHERE tenant_id = :a) WHERE tenant_id = :b",
        a=office.tenant.id,
        b=other_tenant.id,
    )
    with system.request(other_tenant) as request, pytest.raises(SealBrokenError):
        KeyStore(request.db, other_tenant, request.service(SecretBox)).active(KeyPurpose.QR, datetime.now(UTC))


# -- the command, against stored answers -----------------------------------------------------------------------------


def test_the_command_checks_what_the_api_publishes(
    office: Any, donor: Any, admin: Any, app: Any, tmp_path: Path
) -> None:
    found = office.issue(donor)
    (tmp_path / "c.pdf").write_bytes(donor.client.get(f"/certificates/{found}/download").body)
    (tmp_path / "keys.json").write_bytes(app.get("/certificates/keys").body)
    words = ["verify", f"{tmp_path}/c.pdf", "--keys", f"{tmp_path}/keys.json", "--revocations", f"{tmp_path}/list.json"]
    (tmp_path / "list.json").write_bytes(app.get("/certificates/revocations").body)
    assert CliRunner().invoke(certificate, words).exit_code == 0
    admin.client.post(f"/admin/certificates/{found}/revoke", {"reason": "yanlış"}, status=200)
    (tmp_path / "list.json").write_bytes(app.get("/certificates/revocations").body)
    assert CliRunner().invoke(certificate, words).exit_code == EXIT_CODES[Outcome.REVOKED]


# -- mail and guests -------------------------------------------------------------------------------------------------


def test_one_mail_with_the_file_goes_out(office: Any, donor: Any, system: Any, mail_sink: Any) -> None:
    found = office.issue(donor)
    system.sql("UPDATE outbox_deliveries SET state = 'pending', available_at = now()")
    system.drain()
    mails = mail_sink.mails(donor.email)
    assert len(mails) == 1
    message = mails[0].message
    attached = [part for part in message.walk() if part.get_content_type() == "application/pdf"]
    assert len(attached) == 1
    assert judge(donor.client, attached[0].get_payload(decode=True)) is Outcome.VALID
    assert attached[0].get_filename() == f"{office.row(found).number}.pdf"


def test_a_guests_certificates_follow_to_the_account(office: Any, donor: Any, system: Any) -> None:
    guest = system.sign_in(office.tenant, Role.GUEST)
    found = office.ask(office.wanted(guest))
    with system.request(office.tenant) as request:
        move_to_account(request.db, from_account=guest.account_id, to_account=donor.account_id)
    donor.client.get(f"/certificates/{found}", status=200)
    guest.client.get(f"/certificates/{found}", status=404)
