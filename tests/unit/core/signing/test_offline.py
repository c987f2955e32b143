"""The offline judgement: each answer for its own reason."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.core.signing.institution import CODE, NAME, Institution

from belgenet.core.signing.keys import KeyState, load_ed25519
from belgenet.core.signing.offline import Caution, OfflineVerifier, Outcome
from belgenet.core.signing.pades import SealingKey, seal_pdf
from belgenet.core.signing.published import (
    KeySet,
    PublishedDocumentError,
    Revocation,
    RevocationList,
    code_digest,
    open_revocations,
    sign_revocations,
)
from belgenet.core.signing.qr import QrPayload

NOW = datetime.now(UTC)


def listed(*entries: Revocation, next_update: datetime = NOW + timedelta(days=1)) -> RevocationList:
    return RevocationList(
        issuer="https://vakif.example.org", issued_at=NOW, next_update=next_update, entries=list(entries)
    )


def revocation(status: str = "revoked", code: str = CODE) -> Revocation:
    return Revocation(certificate=code_digest(code), status=status, reason="other", at=NOW)


def test_a_good_file_and_a_good_text_are_valid(sealed: bytes, qr_text: str, institution: Institution) -> None:
    verifier = OfflineVerifier(institution.keys, NOW, listed(revocation(code="0" * 16)))
    for verdict in (verifier.check_file(sealed, NAME), verifier.check_text(qr_text, NAME)):
        assert verdict.outcome is Outcome.VALID
        assert verdict.code == CODE
        assert verdict.number == "VAKIF-2026-000123"
        assert verdict.issuer == "Örnek İyilik Vakfı"
        assert verdict.cautions == ()
    assert verifier.check_file(sealed).signed_at is not None


def test_without_a_list_the_answer_says_what_it_leaves_open(
    sealed: bytes, qr_text: str, institution: Institution
) -> None:
    verifier = OfflineVerifier(institution.keys, NOW)
    assert verifier.check_text(qr_text).cautions == (Caution.NO_REVOCATIONS,)
    assert verifier.check_file(sealed).cautions == (Caution.NO_REVOCATIONS,)
    stale = OfflineVerifier(institution.keys, NOW, listed(next_update=NOW - timedelta(seconds=1)))
    assert stale.check_text(qr_text).cautions == (Caution.STALE_REVOCATIONS,)


@pytest.mark.parametrize(("status", "outcome"), [("revoked", Outcome.REVOKED), ("replaced", Outcome.REPLACED)])
def test_a_listed_certificate_stands_no_longer(
    sealed: bytes, qr_text: str, institution: Institution, status: str, outcome: Outcome
) -> None:
    verifier = OfflineVerifier(institution.keys, NOW, listed(revocation(status)))
    assert verifier.check_text(qr_text).outcome is outcome
    verdict = verifier.check_file(sealed)
    assert verdict.outcome is outcome
    assert verdict.revocation is not None
    assert verdict.revocation.reason == "other"


def test_another_institutions_keys_know_neither_file_nor_text(
    sealed: bytes, qr_text: str, stranger: Institution
) -> None:
    verifier = OfflineVerifier(stranger.keys, NOW, listed())
    assert verifier.check_file(sealed).outcome is Outcome.UNKNOWN_ISSUER
    assert verifier.check_text(qr_text).outcome is Outcome.UNKNOWN_ISSUER


def test_a_changed_text_and_a_changed_file(sealed: bytes, qr_text: str, institution: Institution) -> None:
    verifier = OfflineVerifier(institution.keys, NOW)
    assert verifier.check_text(qr_text.replace("000123", "000124")).outcome is Outcome.CHANGED
    assert verifier.check_file(sealed.replace(b"/Title", b"/Tital")).outcome is Outcome.CHANGED


def test_another_persons_certificate(sealed: bytes, qr_text: str, institution: Institution) -> None:
    verifier = OfflineVerifier(institution.keys, NOW)
    assert verifier.check_text(qr_text, "Mehmet Yılmaz").outcome is Outcome.OTHER_RECIPIENT
    assert verifier.check_file(sealed, "Mehmet Yılmaz").outcome is Outcome.OTHER_RECIPIENT


def seal_with(institution: Institution, text: str) -> bytes:
    from belgenet.core.pdf import PdfMetadata
    from belgenet.core.pdf.weasy import WeasyPdfRenderer
    from belgenet.core.signing.qr import INFO_KEY

    pdf = WeasyPdfRenderer().render("<p>x</p>", metadata=PdfMetadata(custom={INFO_KEY: text} if text else {})).data
    return seal_pdf(pdf, SealingKey(institution.pdf.public, institution.pdf.private), reason="x")


def test_a_sealed_file_that_is_no_certificate_is_unknown(
    institution: Institution, stranger: Institution, payload: QrPayload
) -> None:
    verifier = OfflineVerifier(institution.keys, NOW)
    forged = payload.sign("https://vakif.example.org", load_ed25519(stranger.qr.private))
    for text in ("", "https://vakif.example.org/verify/x", forged):
        verdict = verifier.check_file(seal_with(institution, text))
        assert verdict.outcome is Outcome.UNKNOWN_CERTIFICATE
        assert verdict.signer


def test_other_input(institution: Institution, unsealed: bytes) -> None:
    verifier = OfflineVerifier(institution.keys, NOW)
    assert verifier.check_file(b"hello").outcome is Outcome.NOT_A_PDF
    assert verifier.check_file(unsealed).outcome is Outcome.NOT_SIGNED
    assert verifier.check_text("hello").outcome is Outcome.NOT_A_CODE


@pytest.mark.parametrize("part", ["root", "pdf", "qr"])
def test_retired_keys_stay_good_and_withdrawn_ones_do_not(
    sealed: bytes, qr_text: str, institution: Institution, part: str
) -> None:
    retired = OfflineVerifier(institution.with_states(**{part: KeyState.RETIRED}), NOW)
    assert retired.check_file(sealed).outcome is Outcome.VALID
    assert retired.check_text(qr_text).outcome is Outcome.VALID
    withdrawn = OfflineVerifier(institution.with_states(**{part: KeyState.WITHDRAWN}), NOW)
    expected = Outcome.UNKNOWN_CERTIFICATE if part == "qr" else Outcome.UNKNOWN_ISSUER
    assert withdrawn.check_file(sealed).outcome is expected
    assert withdrawn.check_text(qr_text).outcome is (Outcome.UNKNOWN_ISSUER if part == "qr" else Outcome.VALID)


def test_documents_survive_being_stored(institution: Institution) -> None:
    keys = KeySet.parse(institution.keys.model_dump_json())
    assert keys == institution.keys
    signed = sign_revocations(listed(revocation()), institution.qr.kid, institution.qr.private)
    opened = open_revocations(signed.model_dump_json(), keys)
    assert opened.find(CODE) is not None
    assert opened.find("0" * 16) is None
    assert CODE not in signed.jws


def test_a_list_by_another_key_is_refused(institution: Institution, stranger: Institution) -> None:
    own = sign_revocations(listed(), institution.qr.kid, institution.qr.private)
    named_falsely = sign_revocations(listed(), institution.qr.kid, stranger.qr.private)
    unknown = sign_revocations(listed(), stranger.qr.kid, stranger.qr.private)
    open_revocations(own.model_dump_json(), institution.keys)
    for signed in (named_falsely, unknown):
        with pytest.raises(PublishedDocumentError):
            open_revocations(signed.model_dump_json(), institution.keys)
    with pytest.raises(PublishedDocumentError):
        open_revocations(own.model_dump_json(), institution.with_states(qr=KeyState.WITHDRAWN))


@given(st.data())
def test_a_changed_list_is_refused(institution: Institution, data: st.DataObject) -> None:
    text = sign_revocations(listed(revocation()), institution.qr.kid, institution.qr.private).model_dump_json()
    start = text.index('"jws":"') + 7
    end = text.index('"', start)
    position = data.draw(st.integers(start, end - 1))
    changed = text[:position] + data.draw(st.sampled_from("AZaz09-_.")) + text[position + 1 :]
    if changed == text:
        return
    try:
        opened = open_revocations(changed, institution.keys)
    except PublishedDocumentError:
        return
    # Base64's spare bits at the end of the signature may spell the same bytes.
    assert opened.find(CODE) is not None
    assert position == end - 1


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", '{"jws":"a.b.c"}', "\x00", '{"keys":[]}'])
def test_other_documents_are_refused(institution: Institution, text: str) -> None:
    with pytest.raises(PublishedDocumentError):
        KeySet.parse(text)
    with pytest.raises(PublishedDocumentError):
        open_revocations(text, institution.keys)
