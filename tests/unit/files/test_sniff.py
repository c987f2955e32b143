import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.common import samples

from belgenet.files.services.purposes import PURPOSES
from belgenet.files.services.sniff import BINARY, Sniffer


def sniff(data: bytes, step: int = 7) -> str:
    sniffer = Sniffer()
    for start in range(0, len(data), step):
        sniffer.feed(data[start : start + step])
    return sniffer.content_type()


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (samples.png(), "image/png"),
        (samples.GIF, "image/gif"),
        (samples.JPEG, "image/jpeg"),
        (samples.PDF, "application/pdf"),
        (samples.MP4, "video/mp4"),
        (samples.docx(), "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        (samples.zip_of("a", b"b"), "application/zip"),
        (samples.EXE, "application/x-msdownload"),
        (samples.SVG, "image/svg+xml"),
        (b"<svg/onload=alert(1)>", "image/svg+xml"),
        (b"  <svg onload=alert(1)>", "image/svg+xml"),
        (samples.HTML, "text/html"),
        (b"<!-- --><script>", "text/html"),
        (b"<SCRIPT>alert(1)</SCRIPT>", "text/html"),
        (b"<?xml version='1.0'?><a/>", "application/xml"),
        (samples.GIF_AND_HTML, "text/plain"),
        (samples.BINARY_GIF_AND_HTML, "image/gif"),
        ("Işık ve gölge\n".encode(), "text/plain"),
        (b"BMW arabalar", "text/plain"),
        (b"{\\rtf1 hello}", "application/rtf"),
        ("Işık".encode("iso-8859-9"), BINARY),
        ("metin".encode("utf-16"), BINARY),
        (b"text\x00", BINARY),
        ("ğ".encode()[:1], BINARY),
        (b"", "text/plain"),
    ],
)
def test_examples(data: bytes, found: str) -> None:
    assert sniff(data) == found


@given(st.binary(max_size=3000), st.integers(min_value=1, max_value=500))
def test_pieces_do_not_matter(data: bytes, step: int) -> None:
    assert sniff(data, step) == sniff(data, max(len(data), 1))


def test_a_multi_byte_letter_cut_in_two_is_still_text() -> None:
    assert sniff(("ş" * 5000).encode(), 3) == "text/plain"


def test_what_breaks_late_is_noticed() -> None:
    assert sniff(b"a" * 100_000 + b"\xff", 1000) == BINARY


def test_nothing_a_browser_runs_is_ever_allowed() -> None:
    dangerous = {
        "text/html",
        "image/svg+xml",
        "application/xml",
        "application/xhtml+xml",
        "application/x-msdownload",
        BINARY,
    }
    for rule in PURPOSES.values():
        assert not dangerous & rule.types
        assert not rule.public or all(kind.startswith("image/") for kind in rule.types)
