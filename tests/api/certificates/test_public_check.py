"""What strangers learn of certificates."""

from typing import Any

import pytest
from tests.api.certificates.helpers import code_of

from belgenet.certificates.services.codes import CODE_ALPHABET, grouped_code


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
