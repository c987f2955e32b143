"""Certificates and keys as text."""

import re
from typing import Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from cryptography.hazmat.primitives.serialization import load_pem_private_key as _load

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey | ed448.Ed448PrivateKey
_BLOCK: Final = re.compile(r"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)


class PemError(ValueError):
    """Not what it should be. ``code`` says in which way."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def blocks(text: str) -> list[str]:
    """The certificates of a file, as they stand there."""
    return _BLOCK.findall(text)


def certificates(text: str) -> list[x509.Certificate]:
    """Every certificate of a file, in its order. :raises PemError: ``certificate_unreadable``."""
    try:
        found = [x509.load_pem_x509_certificate(block.encode()) for block in blocks(text)]
    except ValueError:
        found = []
    if not found:
        raise PemError("certificate_unreadable")
    return found


def private_key(text: str) -> Key:
    """A key without a passphrase. :raises PemError: ``key_passphrase``, ``key_unreadable``."""
    try:
        found = _load(text.encode(), password=None)
    except TypeError:
        raise PemError("key_passphrase") from None
    except (ValueError, UnsupportedAlgorithm):
        raise PemError("key_unreadable") from None
    if not isinstance(found, Key):
        raise PemError("key_unreadable")
    return found


def text_of(chain: list[x509.Certificate]) -> str:
    """A chain as Nginx wants it: the server's own first."""
    return "".join(certificate.public_bytes(Encoding.PEM).decode() for certificate in chain)


def text_of_key(key: Key) -> str:
    """A key, unencrypted: the file's mode protects it."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def public_bytes(owner: Key | x509.Certificate | x509.CertificateSigningRequest) -> bytes:
    """The public key, to compare."""
    return owner.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
