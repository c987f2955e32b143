"""Bad input gets findings, good input gets through unchanged."""

from datetime import date
from decimal import Decimal
from typing import ClassVar

import pytest
from pydantic import Field

from belgenet.core.web.errors import Problem
from belgenet.core.web.pagination import PageQuery
from belgenet.core.web.schema import Id, In, Patch, PersonName, check_json, check_query


class Sample(In):
    name: PersonName
    count: int = Field(default=1, ge=1)
    ref: Id | None = None


def code_of(caught: pytest.ExceptionInfo[Problem]) -> tuple[str, list[tuple[str, str]]]:
    return str(caught.value.code), [(item.field, item.code) for item in caught.value.fields]


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"", ("invalid_input", [("", "model_type")])),
        (b"{", ("invalid_json", [])),
        (b"[]", ("invalid_input", [("", "model_type")])),
        (b"{}", ("invalid_input", [("name", "missing")])),
        (b'{"name":"Ali Veli","count":"2"}', ("invalid_input", [("count", "int_type")])),
        (b'{"name":"Ali Veli","count":true}', ("invalid_input", [("count", "int_type")])),
        (b'{"name":"Ali Veli","admin":true}', ("invalid_input", [("admin", "extra_forbidden")])),
        (b'{"name":"A\\u0000B"}', ("invalid_input", [("", "nul_character")])),
        (b'{"name":"<script>"}', ("invalid_input", [("name", "name_characters")])),
        (b'{"name":"Ali Veli","ref":"1"}', ("invalid_input", [("ref", "uuid_parsing")])),
        (b'{"name":"\xff\xfe"}', ("invalid_json", [])),
        (b"[" * 100_000, ("invalid_json", [])),
    ],
)
def test_findings(raw: bytes, expected: tuple[str, list[tuple[str, str]]]) -> None:
    with pytest.raises(Problem) as caught:
        check_json(Sample, raw)
    assert code_of(caught) == expected


@pytest.mark.parametrize("name", ["محمد عبد الله", "Şükrü Ğ. İÖÜ", "О'Брайен", "李小龙", "x" * 200])
def test_names_of_all_scripts_pass(name: str) -> None:
    assert check_json(Sample, f'{{"name": "{name}"}}'.encode()).name == name


def test_query_numbers_come_as_text() -> None:
    assert check_query(PageQuery, {"limit": "7"}).limit == 7
    with pytest.raises(Problem):
        check_query(PageQuery, {"limit": "0"})
    with pytest.raises(Problem):
        check_query(PageQuery, {"limit": "1", "surprise": "1"})


class Changed(Patch):
    nullable: ClassVar[frozenset[str]] = frozenset({"image"})

    day: date | None = None
    ref: Id | None = None
    rate: Decimal | None = None
    image: str | None = None


def test_a_patch_takes_dates_ids_and_decimals_as_json_writes_them() -> None:
    ref = "01a2004f-f3d8-75a3-bbca-2a43bb1513e4"
    patch = check_json(Changed, f'{{"day": "2027-05-16", "ref": "{ref}", "rate": "10", "image": null}}'.encode())
    assert (patch.day, str(patch.ref), patch.rate) == (date(2027, 5, 16), ref, Decimal(10))
    assert patch.model_dump(exclude_unset=True)["image"] is None


def test_a_patch_refuses_null_where_it_means_nothing() -> None:
    with pytest.raises(Problem) as caught:
        check_json(Changed, b'{"day": null}')
    assert code_of(caught) == ("invalid_input", [("day", "null_not_allowed")])
