"""Keys: what their certificates say, and how their private parts are kept."""

import os
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from belgenet.core.security.keyring import Keyring
from belgenet.core.signing.keys import KeyPurpose, load_ed25519, make_pdf_signer, make_qr_signer, make_root
from belgenet.core.signing.secretbox import SealBrokenError, SecretBox

NOW = datetime(2026, 11, 21, tzinfo=UTC)
OLD, NEW = os.urandom(32), os.urandom(32)


def loaded(pem: str) -> x509.Certificate:
    return x509.load_pem_x509_certificate(pem.encode())


def test_a_root_may_only_issue() -> None:
    certificate = loaded(make_root("Örnek Vakfı", NOW).public)
    usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    assert usage.key_cert_sign
    assert usage.crl_sign
    assert not usage.digital_signature
    constraints = certificate.extensions.get_extension_for_class(x509.BasicConstraints)
    assert constraints.critical
    assert (constraints.value.ca, constraints.value.path_length) == (True, 0)


def test_a_signer_leads_to_its_root_and_may_only_sign() -> None:
    root = make_root("Örnek Vakfı", NOW)
    signer = make_pdf_signer("Örnek Vakfı", root, NOW)
    certificate = loaded(signer.public)
    certificate.verify_directly_issued_by(loaded(root.public))
    usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    assert usage.digital_signature
    assert usage.content_commitment
    assert not usage.key_cert_sign
    assert isinstance(certificate.public_key(), ec.EllipticCurvePublicKey)
    assert certificate.not_valid_after_utc <= loaded(root.public).not_valid_after_utc


def test_a_signer_never_outlives_its_root() -> None:
    root = make_root("V", NOW)
    late = root.not_after - timedelta(days=100)
    assert make_pdf_signer("V", root, late).not_after < root.not_after


def test_long_names_fit_into_a_certificate() -> None:
    name = "Uluslararası " * 20
    root = make_root(name, NOW)
    subject = loaded(make_pdf_signer(name, root, NOW).public).subject
    assert all(len(str(attribute.value).encode()) <= 64 for attribute in subject)


def test_keys_differ_and_are_named_by_their_public_part() -> None:
    first, second = make_qr_signer(NOW), make_qr_signer(NOW)
    assert first.kid != second.kid
    assert first.purpose is KeyPurpose.QR
    assert load_ed25519(first.private).public_key().public_bytes_raw().hex() == first.public


def test_a_key_of_another_kind_is_refused() -> None:
    root = make_root("V", NOW)
    with pytest.raises(TypeError):
        load_ed25519(root.private)
    with pytest.raises(TypeError):
        make_pdf_signer(
            "V", root.__class__(KeyPurpose.ROOT, "x", make_qr_signer(NOW).private, root.public, NOW, NOW), NOW
        )


@given(st.binary(max_size=500), st.text(max_size=50))
def test_a_secret_opens_where_it_was_sealed(secret: bytes, place: str) -> None:
    box = SecretBox(Keyring({"k1": OLD}))
    sealed = box.seal(secret, place)
    assert box.open(sealed, place) == secret
    with pytest.raises(SealBrokenError):
        box.open(sealed, place + "x")


@given(st.data())
def test_a_changed_seal_does_not_open(data: st.DataObject) -> None:
    box = SecretBox(Keyring({"k1": OLD}))
    sealed = box.seal(b"private key", "t/k")
    position = data.draw(st.integers(0, len(sealed) - 1))
    changed = sealed[:position] + data.draw(st.sampled_from("Aa0+/=.")) + sealed[position + 1 :]
    if changed != sealed:
        with pytest.raises(SealBrokenError):
            box.open(changed, "t/k")


def test_masters_rotate() -> None:
    before = SecretBox(Keyring({"k1": OLD}))
    sealed = before.seal(b"x", "p")
    both = SecretBox(Keyring({"k2": NEW, "k1": OLD}))
    assert both.open(sealed, "p") == b"x"
    assert not both.is_current(sealed)
    renewed = both.seal(b"x", "p")
    assert both.is_current(renewed)
    after = SecretBox(Keyring({"k2": NEW}))
    assert after.open(renewed, "p") == b"x"
    with pytest.raises(SealBrokenError, match="k1"):
        after.open(sealed, "p")


def test_the_same_secret_is_sealed_differently_each_time() -> None:
    box = SecretBox(Keyring({"k1": OLD}))
    assert box.seal(b"x", "p") != box.seal(b"x", "p")


@pytest.mark.parametrize("text", ["", "a1", "a1.k1", "a1.k1.", "a1.k1.!!!", "b2.k1.AAAA", "a1.k1.AAAA"])
def test_other_texts_are_no_seals(text: str) -> None:
    with pytest.raises(SealBrokenError):
        SecretBox(Keyring({"k1": OLD})).open(text, "p")
