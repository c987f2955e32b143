"""``belgenet certificate``: an exit code and a sentence for each answer, in two languages."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from tests.unit.core.signing.institution import CODE, NAME, Institution

from belgenet.cli.certificate import EXIT_CODES, EXIT_DOCUMENTS, EXIT_FETCH, certificate
from belgenet.core.i18n import LOCALES, catalogue
from belgenet.core.signing.offline import Caution, Outcome
from belgenet.core.signing.published import Revocation, RevocationList, code_digest, sign_revocations


@pytest.fixture
def run(tmp_path: Path, institution: Institution, sealed: bytes) -> Callable[..., Result]:
    (tmp_path / "keys.json").write_text(institution.keys.model_dump_json())
    (tmp_path / "file.pdf").write_bytes(sealed)

    def call(*words: str, env: dict[str, str] | None = None) -> Result:
        places = [word.replace("@", f"{tmp_path}/") for word in words]
        return CliRunner().invoke(certificate, places, env={"LANG": "C", "LC_ALL": None, **(env or {})})

    return call


def write_list(path: Path, institution: Institution, status: str, signer: Institution | None = None) -> None:
    now = datetime.now(UTC)
    entry = Revocation(certificate=code_digest(CODE), status=status, reason="issued_in_error", at=now)
    document = RevocationList(issuer="x", issued_at=now, next_update=now + timedelta(days=1), entries=[entry])
    key = (signer or institution).qr
    path.write_text(sign_revocations(document, key.kid, key.private).model_dump_json())


def test_a_valid_file_in_both_languages(run: Callable[..., Result]) -> None:
    english = run("verify", "@file.pdf", "--keys", "@keys.json", "--lang", "en")
    assert english.exit_code == 0
    assert english.output.startswith("VALID")
    assert "VAKIF-2026-000123" in english.output
    assert "no revocation list" in english.output
    turkish = run("verify", "@file.pdf", "--keys", "@keys.json", env={"LANG": "tr_TR.UTF-8"})
    assert turkish.exit_code == 0
    assert turkish.output.startswith("GEÇERLİ")


def test_a_valid_text_and_its_holder(run: Callable[..., Result], qr_text: str) -> None:
    assert run("verify", "--qr", qr_text, "--keys", "@keys.json", "--name", NAME).exit_code == 0
    other = run("verify", "--qr", qr_text, "--keys", "@keys.json", "--name", "Ali Veli")
    assert other.exit_code == EXIT_CODES[Outcome.OTHER_RECIPIENT]


def test_a_changed_byte(run: Callable[..., Result], tmp_path: Path, sealed: bytes) -> None:
    changed = bytearray(sealed)
    changed[len(changed) // 3] ^= 1
    (tmp_path / "file.pdf").write_bytes(changed)
    result = run("verify", "@file.pdf", "--keys", "@keys.json")
    assert result.exit_code == EXIT_CODES[Outcome.CHANGED]
    assert result.output.startswith("CHANGED")


def test_another_institutions_keys(run: Callable[..., Result], tmp_path: Path, stranger: Institution) -> None:
    (tmp_path / "keys.json").write_text(stranger.keys.model_dump_json())
    result = run("verify", "@file.pdf", "--keys", "@keys.json")
    assert result.exit_code == EXIT_CODES[Outcome.UNKNOWN_ISSUER]


@pytest.mark.parametrize("status", ["revoked", "replaced"])
def test_a_listed_certificate(
    run: Callable[..., Result], tmp_path: Path, institution: Institution, status: str
) -> None:
    write_list(tmp_path / "list.json", institution, status)
    words = ("verify", "@file.pdf", "--keys", "@keys.json", "--revocations", "@list.json")
    result = run(*words, "--lang", "tr")
    assert result.exit_code == EXIT_CODES[Outcome(status)]
    assert "hatalı düzenlenmiş" in result.output
    parsed = json.loads(run(*words, "--json").output)
    assert parsed["outcome"] == status
    assert parsed["reason"] == "issued_in_error"
    assert parsed["cautions"] == []


def test_other_files_and_texts(run: Callable[..., Result], tmp_path: Path, unsealed: bytes) -> None:
    (tmp_path / "note.pdf").write_text("hello")
    (tmp_path / "plain.pdf").write_bytes(unsealed)
    for words, outcome in (
        (["@note.pdf"], Outcome.NOT_A_PDF),
        (["@plain.pdf"], Outcome.NOT_SIGNED),
        (["--qr", "hello"], Outcome.NOT_A_CODE),
    ):
        result = run("verify", *words, "--keys", "@keys.json")
        assert result.exit_code == EXIT_CODES[outcome]


def test_documents_of_no_use(
    run: Callable[..., Result], tmp_path: Path, institution: Institution, stranger: Institution
) -> None:
    (tmp_path / "bad.json").write_text("{}")
    assert run("verify", "@file.pdf", "--keys", "@bad.json").exit_code == EXIT_DOCUMENTS
    words = ("verify", "@file.pdf", "--keys", "@keys.json", "--revocations")
    assert run(*words, "@bad.json").exit_code == EXIT_DOCUMENTS
    write_list(tmp_path / "forged.json", institution, "revoked", signer=stranger)
    assert run(*words, "@forged.json").exit_code == EXIT_DOCUMENTS


def test_exactly_one_input(run: Callable[..., Result]) -> None:
    assert run("verify", "--keys", "@keys.json").exit_code == 2
    assert run("verify", "@file.pdf", "--qr", "x", "--keys", "@keys.json").exit_code == 2
    assert run("verify", "@absent.pdf", "--keys", "@keys.json").exit_code == 2


def test_nobody_answers(run: Callable[..., Result]) -> None:
    result = run("keys", "http://127.0.0.1:9", "-o", "@new.json")
    assert result.exit_code == EXIT_FETCH


def test_every_answer_has_its_own_code_and_its_text_in_every_language() -> None:
    assert len(set(EXIT_CODES.values())) == len(Outcome)
    for locale in LOCALES:
        texts = catalogue(locale)
        assert {f"seal.outcome.{outcome}" for outcome in Outcome} <= texts.keys()
        assert {f"seal.caution.{caution}" for caution in Caution} <= texts.keys()
    assert {key for key in catalogue("tr") if key.startswith("seal.")} == {
        key for key in catalogue("en") if key.startswith("seal.")
    }
