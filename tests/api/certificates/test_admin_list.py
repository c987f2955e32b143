"""The administrator's list of certificates."""

from typing import Any

from tests.api.certificates.helpers import code_of

from belgenet.certificates.services.codes import grouped_code


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
