import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from belgenet.admin.services.journal import _cell, _first_id
from belgenet.core.db import utcnow, uuid7


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@x", "\t=1", "\r=1", "\n=1", "  =1", "＝1", "＠x"])
def test_formulas_become_text(text: str) -> None:
    assert _cell(text) == f"'{text}"


@pytest.mark.parametrize("text", ["a=1", "1-2", "", "Ayşe", "user.update", "'=1"])
def test_text_stays_as_it_is(text: str) -> None:
    assert _cell(text) == text


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00")))
def test_a_cell_survives_and_never_begins_a_formula(text: str) -> None:
    target = io.StringIO(newline="")
    csv.writer(target).writerow([_cell(text)])
    target.seek(0)
    [[found]] = csv.reader(target) if text else [[""]]
    assert found.removeprefix("'") == text.removeprefix("'")
    assert not found.lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r"))


def test_nothing_and_structures() -> None:
    assert _cell(None) == ""
    assert _cell({"a": "=1"}) == '{"a":"=1"}'
    assert _cell(utcnow()).endswith("Z")


def test_ids_bound_times() -> None:
    now = utcnow()
    assert _first_id(now, -1000) < uuid7() < _first_id(now, 60_000)
    assert _first_id(now.replace(year=1), 0).int == 0
