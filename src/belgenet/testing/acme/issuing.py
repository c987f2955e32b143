"""The authority's own keys: a root that signs one intermediate, which signs everything else."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_EARLIER = timedelta(hours=1)


@dataclass
class Habits:
    """How certificates come out; a test changes them to see what is refused.

    :param names: instead of those that were asked for.
    :param stranger: for another key than the one that asked.
    :param alone: without the intermediate.
    """

    begins: timedelta = -_EARLIER
    lasts: timedelta = timedelta(days=90)
    names: tuple[str, ...] = ()
    stranger: bool = False
    alone: bool = False


class Issuer:
    """Signs requests; ``root`` is what others may be told to trust, PEM."""

    def __init__(self, name: str = "BelgeNet test ACME") -> None:
        root_key, self._key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
        self._root = _authority(f"{name} root", f"{name} root", root_key, root_key)
        self._between = _authority(f"{name} intermediate", f"{name} root", self._key, root_key)
        self.root = self._root.public_bytes(Encoding.PEM).decode()
        self.intermediate = self._between.public_bytes(Encoding.PEM).decode()
        self.habits = Habits()

    def sign(self, request: x509.CertificateSigningRequest) -> str:
        """A certificate with its chain for what a request asks, PEM."""
        habits, now = self.habits, datetime.now(UTC)
        asked = request.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        names = list(habits.names) or asked.get_values_for_type(x509.DNSName)
        key = ec.generate_private_key(ec.SECP256R1()).public_key() if habits.stranger else request.public_key()
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
        serial = x509.random_serial_number()
        builder = x509.CertificateBuilder(self._between.subject, subject, key, serial)
        start = now + habits.begins
        builder = builder.not_valid_before(start).not_valid_after(start + habits.lasts)
        issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        for extension in (
            x509.SubjectAlternativeName([x509.DNSName(name) for name in names]),
            x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]),
            issuer,
        ):
            builder = builder.add_extension(extension, critical=False)
        signed = builder.sign(self._key, SHA256()).public_bytes(Encoding.PEM).decode()
        return signed if habits.alone else signed + self.intermediate


def _authority(
    name: str, issuer: str, key: ec.EllipticCurvePrivateKey, signer: ec.EllipticCurvePrivateKey
) -> x509.Certificate:
    usage = x509.KeyUsage(
        digital_signature=True, key_cert_sign=True, crl_sign=True, content_commitment=False, key_encipherment=False,
        data_encipherment=False, key_agreement=False, encipher_only=False, decipher_only=False,
    )  # fmt: skip
    subject, above = (x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)]) for text in (name, issuer))
    builder = x509.CertificateBuilder(above, subject, key.public_key(), x509.random_serial_number())
    now = datetime.now(UTC)
    builder = builder.not_valid_before(now - timedelta(days=1000)).not_valid_after(now + timedelta(days=3650))
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    authority = x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key())
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    builder = builder.add_extension(usage, critical=True).add_extension(identifier, critical=False)
    return builder.add_extension(authority, critical=False).sign(signer, SHA256())
