"""Keys, requests and self-signed certificates made on this server."""

from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from belgenet.appliance.tls.pem import Key

_LONGEST_COMMON_NAME = 64


def new_key() -> ec.EllipticCurvePrivateKey:
    """ECDSA on P-256, which every browser of the last ten years knows."""
    return ec.generate_private_key(ec.SECP256R1())


def request(key: Key, names: list[str], *, organisation: str = "", common_name: bool = True) -> str:
    """A certificate signing request.

    :param names: the first also stands in the subject, which some institutions' authorities still ask for.
    :param common_name: public authorities are moving away from it.
    """
    parts = [x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation)] if organisation else []
    if common_name and len(names[0]) <= _LONGEST_COMMON_NAME:
        parts.append(x509.NameAttribute(NameOID.COMMON_NAME, names[0]))
    builder = x509.CertificateSigningRequestBuilder().subject_name(x509.Name(parts))
    builder = builder.add_extension(_alternatives(names), critical=False)
    return builder.sign(key, SHA256()).public_bytes(Encoding.PEM).decode()


def self_signed(names: list[str], days: int) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    """A certificate that only those trust who were told to."""
    key, now = new_key(), datetime.now(UTC)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0][:_LONGEST_COMMON_NAME])])
    builder = x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now - timedelta(hours=1)).not_valid_after(now + timedelta(days=days))
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key())
    usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
    for extension, critical in (
        (_alternatives(names), False),
        # Its own authority: else who is told to trust it (the payment provider's tests, curl --cacert) could not.
        (x509.BasicConstraints(ca=True, path_length=0), True),
        (identifier, False),
        (issuer, False),
        (usage, False),
        (_key_usage(), True),
    ):
        builder = builder.add_extension(extension, critical=critical)
    return builder.sign(key, SHA256()), key


def _alternatives(names: list[str]) -> x509.SubjectAlternativeName:
    return x509.SubjectAlternativeName([x509.DNSName(name) for name in names])


def _key_usage() -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True, key_cert_sign=True, crl_sign=False, content_commitment=False, key_encipherment=False,
        data_encipherment=False, key_agreement=False, encipher_only=False, decipher_only=False,
    )  # fmt: skip
