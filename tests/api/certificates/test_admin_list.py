"""The administrator's list of certificates."""

from typing import Any
from urllib.parse import quote

import pytest
from sqlalchemy.dialects import postgresql
from tests.api.certificates.helpers import code_of

from belgenet.certificates.schemas import AdminCertificatesQuery
from belgenet.certificates.services import read
from belgenet.certificates.services.codes import grouped_code
from belgenet.core.security import Role


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
    assert found("q=%25") == []
    assert found(f"q={grouped_code(code_of(donor, first))}") == [str(first)]
    assert found(f"q={donor.email}") == [str(second), str(first)]
    admin.client.get("/admin/certificates?status=LOST", status=400)
    donor.client.get("/admin/certificates", status=403)


def search(person: Any, text: str) -> list[str]:
    answer = person.client.get(f"/admin/certificates?q={quote(text)}", status=200)
    return [item["recipient"] for item in answer.json["items"]]


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("İsmail IŞIK", ["ismail", "ISMAIL", "İSMAİL", "ışık", "ISIK", "isik ismail", "i\u0307smail", "Işı"]),
        ("Çağrı Öğüt", ["cagri", "ÇAĞRI ÖĞÜT", "ogut", "öğ çağ"]),
        ("Hâlide Edîb", ["halide", "HÂLİDE", "edib"]),
        ("Ali-Rıza O'Neill", ["riza", "ali-rıza", "neill", "o'neill"]),
        ("محمد بن عبد الله", ["محمد", "عبد الله"]),
        ("<b>Deniz</b> 100%", ["deniz", "100%", "100"]),
        ("Łukasz Çelik", ["łukasz"]),
    ],
)
def test_names_are_found_however_they_are_spelt(
    office: Any, donor: Any, admin: Any, name: str, typed: list[str]
) -> None:
    office.ask(office.wanted(donor, recipient=name))
    office.ask(office.wanted(donor, recipient="Başka Biri"))
    assert {text: search(admin, text) for text in typed} == {text: [name] for text in typed}


@pytest.mark.parametrize("text", ["smail", "%", "_", "' OR yok=yok --", "ismail yok", "\U0010ffff", "i" * 200])
def test_what_is_not_there_is_not_found(office: Any, donor: Any, admin: Any, text: str) -> None:
    office.ask(office.wanted(donor, recipient="İsmail Işık"))
    assert search(admin, text) == []


def test_numbers_are_found_whole_or_by_their_end(office: Any, donor: Any, admin: Any) -> None:
    found = office.issue(donor, recipient="İsmail Işık")
    number = office.row(found).number
    for text in (number, number.lower(), number[-6:], number[-6:].lstrip("0")):
        assert search(admin, text) == ["İsmail Işık"], text


def test_words_follow_a_change(office: Any, donor: Any, admin: Any, system: Any, other_tenant: Any) -> None:
    found = office.ask(office.wanted(donor, recipient="Eski Ad"))
    system.sql("UPDATE certificates SET recipient = 'Yeni Ad' WHERE id = :id", id=found)
    assert (search(admin, "eski"), search(admin, "yeni")) == ([], ["Yeni Ad"])
    stranger = system.sign_in(other_tenant, Role.TENANT_ADMIN)
    assert search(stranger, "yeni") == []


MANY = """
INSERT INTO certificates (id, tenant_id, kind, subject_id, owner_id, recipient, email, locale, code, state, current, attempts)
SELECT gen_random_uuid(), :tenant, 'x', gen_random_uuid(), gen_random_uuid(),
       'Ayşe ' || chr(97 + n % 26) || 'oğlu' || n, 'kisi' || n || '@example.org', 'tr', lpad(n::text, 16, '0'), 'PENDING', true, 0
FROM generate_series(1, 8000) AS n
"""


@pytest.mark.parametrize("text", ["koğlu4170", "KİSİ4170", "ayse kisi4170", "0000-0000-0000-4170"])
def test_a_search_reads_few_of_many_rows(office: Any, system: Any, tenant: Any, text: str) -> None:
    system.sql(MANY, tenant=tenant.id)
    system.sql("ANALYZE certificates, certificate_words")
    seen: list[Any] = []
    with system.session(tenant) as session:
        real = session.scalars

        def watched(statement: Any) -> Any:
            seen.append(statement)
            return real(statement)

        session.scalars = watched  # type: ignore[method-assign]
        rows, _ = read.search(session, AdminCertificatesQuery(q=text, limit=50))
        assert [row.email for row in rows] == ["kisi4170@example.org"]
        (statement,) = seen
        compiled = statement.compile(dialect=postgresql.dialect(), compile_kwargs={"literal_binds": True})
        plan = session.connection().exec_driver_sql(f"EXPLAIN (ANALYZE, FORMAT JSON) {compiled}".replace("%", "%%"))
        assert touched(plan.scalar_one()[0]["Plan"]) < 100


def touched(node: dict[str, Any]) -> int:
    """Rows that a plan's nodes read or threw away."""
    own = (node["Actual Rows"] + node.get("Rows Removed by Filter", 0)) * node["Actual Loops"]
    return int(own) + sum(touched(child) for child in node.get("Plans", ()))
