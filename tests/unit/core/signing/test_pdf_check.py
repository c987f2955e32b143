"""A sealed file is whole or it is not: every byte counts."""

import io
import random

import pytest
from asn1crypto import cms
from hypothesis import given, settings
from hypothesis import strategies as st
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from tests.unit.core.signing.institution import Institution

from belgenet.core.signing.keys import make_pdf_signer
from belgenet.core.signing.pades import SealingKey, seal_pdf
from belgenet.core.signing.pdf_check import PdfState, check_pdf


def gap_of(pdf: bytes) -> tuple[int, int]:
    """Where the signature itself lies."""
    _, before, resume, _ = PdfFileReader(io.BytesIO(pdf)).embedded_signatures[0].byte_range
    return int(before), int(resume)


def test_a_sealed_file_is_intact_and_trusted(sealed: bytes, institution: Institution, qr_text: str) -> None:
    verdict = check_pdf(sealed, [institution.root.public])
    assert verdict.state is PdfState.INTACT
    assert verdict.trusted
    assert verdict.signer == "Örnek İyilik Vakfı Document Signing"
    assert verdict.qr_text == qr_text
    assert verdict.signed_at is not None


def test_another_root_of_the_same_name_is_not_trusted(sealed: bytes, stranger: Institution) -> None:
    verdict = check_pdf(sealed, [stranger.root.public])
    assert (verdict.state, verdict.trusted) == (PdfState.INTACT, False)
    assert not check_pdf(sealed, []).trusted


def test_only_the_signers_certificate_travels(sealed: bytes) -> None:
    signature = PdfFileReader(io.BytesIO(sealed)).embedded_signatures[0]
    content = cms.ContentInfo.load(bytes(signature.pkcs7_content))["content"]
    assert len(content["certificates"]) == 1
    assert content["signer_infos"][0]["digest_algorithm"]["algorithm"].native == "sha256"


@settings(max_examples=40)
@given(data=st.data())
def test_any_flipped_bit_is_found(sealed: bytes, institution: Institution, data: st.DataObject) -> None:
    position = data.draw(st.integers(0, len(sealed) - 1))
    changed = bytearray(sealed)
    changed[position] ^= 1 << data.draw(st.integers(0, 7))
    assert check_pdf(bytes(changed), [institution.root.public]).state is PdfState.CHANGED


@settings(max_examples=40)
@given(data=st.data())
def test_any_flipped_bit_of_the_signature_itself_is_found(
    sealed: bytes, institution: Institution, data: st.DataObject
) -> None:
    start, end = gap_of(sealed)
    position = data.draw(st.integers(start, end - 1))
    changed = bytearray(sealed)
    changed[position] ^= 1 << data.draw(st.integers(0, 7))
    assert check_pdf(bytes(changed), [institution.root.public]).state is PdfState.CHANGED


def test_lower_case_hex_of_the_same_signature_is_a_change(sealed: bytes, institution: Institution) -> None:
    start, end = gap_of(sealed)
    changed = sealed[:start] + sealed[start:end].lower() + sealed[end:]
    assert check_pdf(changed, [institution.root.public]).state is PdfState.CHANGED


def test_something_in_the_padding_is_a_change(sealed: bytes, institution: Institution) -> None:
    _, end = gap_of(sealed)
    changed = sealed[: end - 5] + b"BEEF>" + sealed[end:]
    assert len(changed) == len(sealed)
    assert check_pdf(changed, [institution.root.public]).state is PdfState.CHANGED


@pytest.mark.parametrize("tail", [b"\n", b" ", b"%%EOF\n", b"\0" * 100])
def test_anything_appended_is_a_change(sealed: bytes, institution: Institution, tail: bytes) -> None:
    assert check_pdf(sealed + tail, [institution.root.public]).state is PdfState.CHANGED


@pytest.mark.parametrize("part", [0.1, 0.5, 0.9, 0.999])
def test_a_cut_file_is_a_change(sealed: bytes, institution: Institution, part: float) -> None:
    state = check_pdf(sealed[: int(len(sealed) * part)], [institution.root.public]).state
    assert state is not PdfState.INTACT
    assert part < 0.9 or state is PdfState.CHANGED


def revised(pdf: bytes, change: str) -> bytes:
    """The file with an incremental update appended, as an editor would save it."""
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    if change == "rotate":
        page = writer.root["/Pages"]["/Kids"][0]
        page[generic.NameObject("/Rotate")] = generic.NumberObject(180)
        writer.update_container(page)
    else:
        title = generic.DictionaryObject({generic.NameObject("/Title"): generic.TextStringObject("x")})
        writer.set_info(writer.add_object(title))
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


@pytest.mark.parametrize("change", ["rotate", "title"])
def test_an_incremental_update_is_a_change(sealed: bytes, institution: Institution, change: str) -> None:
    assert check_pdf(revised(sealed, change), [institution.root.public]).state is PdfState.CHANGED


def test_a_second_signature_is_a_change(unsealed: bytes, institution: Institution, stranger: Institution) -> None:
    from pyhanko.sign import PdfSignatureMetadata, PdfSigner

    key = SealingKey(institution.pdf.public, institution.pdf.private)
    first = PdfSigner(PdfSignatureMetadata(field_name="A"), signer=key.signer()).sign_pdf(
        IncrementalPdfFileWriter(io.BytesIO(unsealed))
    )
    other = SealingKey(stranger.pdf.public, stranger.pdf.private)
    second = PdfSigner(PdfSignatureMetadata(field_name="B"), signer=other.signer()).sign_pdf(
        IncrementalPdfFileWriter(io.BytesIO(first.getvalue()))
    )
    assert check_pdf(second.getvalue(), [institution.root.public]).state is PdfState.CHANGED


def test_a_seal_without_its_own_root_does_not_borrow_trust(
    unsealed: bytes, institution: Institution, stranger: Institution
) -> None:
    forged = seal_pdf(unsealed, SealingKey(stranger.pdf.public, stranger.pdf.private), reason="x")
    verdict = check_pdf(forged, [institution.root.public])
    assert (verdict.state, verdict.trusted) == (PdfState.INTACT, False)


def test_a_renewed_signer_of_the_same_root_is_trusted(unsealed: bytes, institution: Institution) -> None:
    renewed = make_pdf_signer("Örnek İyilik Vakfı", institution.root, institution.root.not_before)
    pdf = seal_pdf(unsealed, SealingKey(renewed.public, renewed.private), reason="x")
    assert check_pdf(pdf, [institution.root.public]).trusted


def test_an_unsealed_pdf_is_not_signed(unsealed: bytes) -> None:
    assert check_pdf(unsealed, []).state is PdfState.NOT_SIGNED


@pytest.mark.parametrize("data", [b"", b"hello", b"\x89PNG\r\n", b"PK\x03\x04", b"%PDF-1.7\nnothing more", bytes(5000)])
def test_other_files_are_not_pdfs(data: bytes) -> None:
    assert check_pdf(data, []).state is PdfState.NOT_A_PDF


@given(st.binary(max_size=2000))
def test_no_input_makes_it_fail(data: bytes) -> None:
    check_pdf(data, [])
    check_pdf(b"%PDF-1.7\n/ByteRange" + data, [])


def test_shuffled_blocks_are_a_change(sealed: bytes, institution: Institution) -> None:
    blocks = [sealed[start : start + 512] for start in range(0, len(sealed), 512)]
    middle = blocks[1:-1]
    random.Random(4).shuffle(middle)
    assert check_pdf(b"".join([blocks[0], *middle, blocks[-1]]), [institution.root.public]).state is PdfState.CHANGED
