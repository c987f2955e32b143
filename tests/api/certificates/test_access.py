"""Who may see and have which certificates."""

import uuid
from typing import Any

from tests.api.certificates.helpers import code_of, judge

from belgenet.certificates.services.issue import move_to_account
from belgenet.core.security import Role
from belgenet.core.signing.offline import Outcome


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
