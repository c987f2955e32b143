"""What goes between the renderer and its helper comes out as it went in, or is seen to be cut off."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from belgenet.core.pdf import BrokenTemplateError, PdfMetadata, PdfRenderError, PdfTemplate, RenderedPdf
from belgenet.core.pdf.wire import (
    MAX_LIMITS,
    Limits,
    pack_answer,
    pack_order,
    unpack_answer,
    unpack_order,
)

FULL = PdfTemplate(
    "<p>ğ</p>",
    "p {}",
    {"rows": [1, {"a": None}]},
    {"qr": "<svg/>"},
    {"logo": b"\x00\xff"},
    PdfMetadata("T", "A", "en", datetime(2026, 11, 21, 12, 30, tzinfo=UTC), {"Key": "v"}),
)


@pytest.mark.parametrize("template", [FULL, PdfTemplate("")])
def test_orders_come_out_as_they_went_in(template: PdfTemplate) -> None:
    assert unpack_order(pack_order(template)) == template


@given(st.binary(max_size=99), st.integers(1, 60), st.lists(st.text(), max_size=3))
def test_documents_come_out_as_they_went_in(data: bytes, pages: int, refused: list[str]) -> None:
    rendered = RenderedPdf(data, pages, tuple(refused))
    assert unpack_answer(pack_answer(rendered)) == rendered


def test_problems_are_raised_where_they_come_out() -> None:
    with pytest.raises(BrokenTemplateError) as broken:
        unpack_answer(pack_answer(BrokenTemplateError("syntax", 3, "ğ")))
    assert (broken.value.kind, broken.value.line, broken.value.detail) == ("syntax", 3, "ğ")
    with pytest.raises(PdfRenderError, match=r"^too_large$"):
        unpack_answer(pack_answer(PdfRenderError("too_large")))


@given(st.integers(0, 10_000))
def test_what_was_cut_off_is_never_taken_for_whole(length: int) -> None:
    order, answer = pack_order(FULL), pack_answer(RenderedPdf(b"x" * 99, 1))
    with pytest.raises(ValueError):
        unpack_order(order[: length % len(order)])
    with pytest.raises(ValueError):
        unpack_answer(answer[: length % len(answer)])


def test_limits_fit_into_their_message() -> None:
    limits = Limits(1 << 60, 10**9, 123456.789)
    assert Limits.unpack(limits.pack()) == limits
    assert len(limits.pack()) < MAX_LIMITS
