"""Making a tenant's keys: its own root, P-256 certificates for PDF files, Ed25519 for QR codes and lists."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.x509.oid import NameOID

ROOT_DAYS = 365 * 25
SIGNER_DAYS = 365 * 10
_CLOCK_SKEW = timedelta(hours=1)
_MAX_COMMON_NAME = 64
"""Bytes of a common name and of an organisation's name, X.520 ub-common-name."""


class KeyPurpose(StrEnum):
    """What a key is for."""

    ROOT = "root"
    PDF = "pdf"
    QR = "qr"


class KeyState(StrEnum):
    """ACTIVE signs; RETIRED no longer signs but what it signed stays good; WITHDRAWN is trusted no more."""

    ACTIVE = "ACTIVE"
    RETIRED = "RETIRED"
    WITHDRAWN = "WITHDRAWN"


@dataclass(frozen=True, slots=True)
class KeyPair:
    """A fresh key: ``private`` is PKCS#8 DER, ``public`` a certificate's PEM or (Ed25519) 32 bytes in hex."""

    purpose: KeyPurpose
    kid: str
    private: bytes
    public: str
    not_before: datetime
    not_after: datetime


def _kid(public: ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey) -> str:
    der = public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(der).hexdigest()[:12]


def _pkcs8(key: ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _clip(text: str, size: int) -> str:
    """At most ``size`` bytes of UTF-8, which is how ub-common-name is counted, without half a letter at the end."""
    return text.encode()[:size].decode(errors="ignore").strip()


def _name(organization: str, role: str) -> x509.Name:
    short = _clip(organization, _MAX_COMMON_NAME - len(role) - 1)
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, _clip(organization, _MAX_COMMON_NAME)),
            x509.NameAttribute(NameOID.COMMON_NAME, f"{short} {role}"),
        ]
    )


def _usage(*, authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not authority,
        content_commitment=not authority,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=authority,
        crl_sign=authority,
        encipher_only=False,
        decipher_only=False,
    )


def _certificate(
    key: ec.EllipticCurvePrivateKey,
    subject: x509.Name,
    issuer: x509.Name,
    issuer_key: ec.EllipticCurvePrivateKey,
    now: datetime,
    days: int,
) -> x509.Certificate:
    authority = subject == issuer
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    above = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key())
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _CLOCK_SKEW)
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.BasicConstraints(authority, 0 if authority else None), critical=True)
        .add_extension(_usage(authority=authority), critical=True)
        .add_extension(identifier, critical=False)
        .add_extension(above, critical=False)
        .sign(issuer_key, hashes.SHA256())
    )


def _pair(purpose: KeyPurpose, key: ec.EllipticCurvePrivateKey, certificate: x509.Certificate) -> KeyPair:
    return KeyPair(
        purpose,
        _kid(key.public_key()),
        _pkcs8(key),
        certificate.public_bytes(serialization.Encoding.PEM).decode(),
        certificate.not_valid_before_utc,
        certificate.not_valid_after_utc,
    )


def make_root(organization: str, now: datetime) -> KeyPair:
    """A self-signed P-256 root for one tenant, good for 25 years."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name(organization, "Root CA")
    return _pair(KeyPurpose.ROOT, key, _certificate(key, name, name, key, now, ROOT_DAYS))


def make_pdf_signer(organization: str, root: KeyPair, now: datetime) -> KeyPair:
    """A P-256 certificate for PAdES signatures, issued by ``root``.

    Key usage is digitalSignature and contentCommitment, which PAdES validators ask for.
    """
    issuer = x509.load_pem_x509_certificate(root.public.encode())
    issuer_key = serialization.load_der_private_key(root.private, None)
    if not isinstance(issuer_key, ec.EllipticCurvePrivateKey):
        raise TypeError("a root key is P-256")
    key = ec.generate_private_key(ec.SECP256R1())
    subject = _name(organization, "Document Signing")
    # A leaf that outlives its root would fail validation in its last years.
    days = min(SIGNER_DAYS, (issuer.not_valid_after_utc - now).days - 1)
    return _pair(KeyPurpose.PDF, key, _certificate(key, subject, issuer.subject, issuer_key, now, days))


def make_qr_signer(now: datetime) -> KeyPair:
    """An Ed25519 key (RFC 8032) for QR payloads and signed lists."""
    key = ed25519.Ed25519PrivateKey.generate()
    public = key.public_key()
    return KeyPair(
        KeyPurpose.QR,
        _kid(public),
        _pkcs8(key),
        public.public_bytes_raw().hex(),
        now - _CLOCK_SKEW,
        now + timedelta(days=SIGNER_DAYS),
    )


def load_ed25519(private: bytes) -> ed25519.Ed25519PrivateKey:
    """The Ed25519 key in a PKCS#8 text of :func:`make_qr_signer`."""
    key = serialization.load_der_private_key(private, None)
    if not isinstance(key, ed25519.Ed25519PrivateKey):
        raise TypeError("a QR key is Ed25519")
    return key
