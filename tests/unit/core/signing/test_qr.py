"""QR texts: what is signed is what is read, and nothing else passes."""

import string
import subprocess
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.core.signing.institution import CODE, NAME, Institution
from weasyprint import HTML

from belgenet.core.signing.keys import load_ed25519, make_qr_signer
from belgenet.core.signing.qr import (
    QrPayload,
    QrTextError,
    facts_digest,
    parse_qr,
    qr_markup,
    recipient_digest,
)

KEY = make_qr_signer(datetime(2026, 11, 21, tzinfo=UTC))
PRIVATE, PUBLIC = load_ed25519(KEY.private), bytes.fromhex(KEY.public)
CODES = st.text(alphabet="0123456789ABCDEFGHJKMNPQRSTVWXYZ", min_size=16, max_size=16)
payloads = st.builds(
    QrPayload,
    code=CODES,
    number=st.from_regex(r"[A-Z0-9]{1,12}-20[0-9]{2}-[0-9]{6}", fullmatch=True),
    issued_on=st.dates(min_value=date(1900, 1, 1), max_value=date(9999, 12, 31)),
    recipient=st.builds(recipient_digest, CODES, st.text(max_size=200)),
    facts=st.builds(facts_digest, st.dictionaries(st.text(max_size=9), st.text(max_size=9), max_size=3)),
    kid=st.just(KEY.kid),
)


@given(payloads)
def test_a_signed_text_reads_back_and_verifies(payload: QrPayload) -> None:
    text = payload.sign("https://vakif.example.org:8443", PRIVATE)
    assert text.isascii()
    assert len(text) < 260
    scanned = parse_qr(f"  {text}\n")
    assert scanned.payload == payload
    assert scanned.base_url == "https://vakif.example.org:8443"
    assert scanned.signed_by(PUBLIC)


@given(payloads, st.data())
def test_no_changed_character_verifies(payload: QrPayload, data: st.DataObject) -> None:
    text = payload.sign("https://vakif.example.org", PRIVATE)
    start = text.index("/verify/") + len("/verify/")
    position = data.draw(st.integers(start, len(text) - 1))
    other = data.draw(
        st.sampled_from([c for c in string.ascii_letters + string.digits + "-_.#" if c != text[position]])
    )
    changed = text[:position] + other + text[position + 1 :]
    try:
        scanned = parse_qr(changed)
    except QrTextError:
        return
    assert scanned.payload.kid != KEY.kid or not scanned.signed_by(PUBLIC)


@given(st.text(max_size=300))
def test_other_texts_are_refused(text: str) -> None:
    with pytest.raises(QrTextError):
        parse_qr(text)


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("https://", "ftp://"),
        lambda text: text.replace("/verify/", "/other/"),
        lambda text: text.replace("#1.", "#2."),
        lambda text: text.replace(".20261121.", ".20261301."),
        lambda text: text + "A",
        lambda text: text + "\nhttps://evil.example",
        lambda text: text[:-1],
        lambda text: text.replace("vakif", "vakıf"),
        lambda text: text.replace("vakif.example.org", "vakif.example.org@evil.example"),
    ],
)
def test_other_shapes_are_refused(qr_text: str, change: object) -> None:
    with pytest.raises(QrTextError):
        parse_qr(change(qr_text))  # type: ignore[operator]


def test_a_payload_that_would_not_scan_is_not_signed() -> None:
    payload = QrPayload("short", "N 1", date(2026, 1, 1), "x", "y", KEY.kid)
    with pytest.raises(QrTextError):
        payload.sign("https://vakif.example.org", PRIVATE)


def test_another_key_does_not_verify(qr_text: str, institution: Institution, stranger: Institution) -> None:
    scanned = parse_qr(qr_text)
    assert scanned.signed_by(bytes.fromhex(institution.qr.public))
    assert not scanned.signed_by(bytes.fromhex(stranger.qr.public))
    assert not scanned.signed_by(b"\0" * 32)
    assert not scanned.signed_by(b"short")


@pytest.mark.parametrize(
    "same",
    [
        "AYŞE IŞIL YILMAZ",
        "ayşe ışıl yılmaz",
        "  Ayşe   Işıl Yılmaz ",
        "Ays\u0327e Is\u0327ıl Yılmaz",
        "AYŞE İŞİL YİLMAZ",
    ],
)
def test_a_name_is_recognised_however_it_is_typed(same: str) -> None:
    assert recipient_digest(CODE, same) == recipient_digest(CODE, NAME)


def test_a_name_digest_is_bound_to_its_certificate() -> None:
    assert recipient_digest(CODE, NAME) != recipient_digest("0" * 16, NAME)
    assert recipient_digest(CODE, NAME) != recipient_digest(CODE, "Ayşe Işıl Yılmazer")


def test_facts_digest_ignores_only_the_order_of_keys() -> None:
    assert facts_digest({"a": 1, "b": "ğ"}) == facts_digest({"b": "ğ", "a": 1})
    assert facts_digest({"a": 1}) != facts_digest({"a": "1"})


def test_a_reader_reads_the_drawn_code_back(qr_text: str, tmp_path: Path) -> None:
    drawing = f'<div style="width:34mm;height:34mm">{qr_markup(qr_text)}</div>'
    (tmp_path / "qr.pdf").write_bytes(HTML(string=drawing).write_pdf())
    subprocess.run(["pdftoppm", "-r", "150", "-png", "-singlefile", tmp_path / "qr.pdf", tmp_path / "qr"], check=True)
    read = subprocess.run(["zbarimg", "-q", "--raw", tmp_path / "qr.png"], capture_output=True, check=True)
    assert read.stdout.decode().strip() == qr_text
