"""The certificate: what browsers would refuse, and what they soon will."""

from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from tests.unit.appliance.doctor.ward import NOW, Patient, codes, told

from belgenet.appliance.doctor import certificate

NAMES = ("okul.example", "*.okul.example")


def signed(name, *, by=None, names=NAMES, days=90, begins=NOW - timedelta(days=1)):
    """A certificate and its key; signed by ``by`` (certificate, key), or by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    issuer, issuer_key = (by[0].subject, by[1]) if by else (subject, key)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(NOW + timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(item) for item in names]), critical=False)
        .add_extension(x509.BasicConstraints(ca=by is None, path_length=None), critical=True)
    )
    return made.sign(issuer_key, hashes.SHA256()), key


def look(tmp_path, chain, key, tenants=()):
    patient = Patient(tmp_path, rows=list(tenants))
    pem = b"".join(item.public_bytes(serialization.Encoding.PEM) for item in chain)
    patient.write("/etc/belgenet/tls/server.pem", pem.decode())
    plain = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    patient.write("/etc/belgenet/tls/server.key", plain.decode())
    return list(certificate.certificate(patient))


@pytest.fixture
def authority():
    return signed("Makam")


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (90, []),
        (20, ["warning: The TLS certificate ends in 20 days, on 2026-12-12"]),
        (6, ["error: The TLS certificate ends in 6 days, on 2026-11-28"]),
        (-1 / 24, ["error: The TLS certificate expired on 2026-11-22"]),
    ],
)
def test_its_end(tmp_path, days, expected):
    own, key = signed("okul.example", days=days)
    assert told(look(tmp_path, [own], key)) == expected


def test_one_that_is_not_valid_yet(tmp_path):
    own, key = signed("okul.example", begins=NOW + timedelta(days=2))
    assert told(look(tmp_path, [own], key)) == ["error: The TLS certificate is not valid before 2026-11-24"]


def test_a_key_that_belongs_to_another(tmp_path):
    own, _key = signed("okul.example")
    assert codes(look(tmp_path, [own], ec.generate_private_key(ec.SECP256R1()))) == ["certificate_key"]


def test_names_it_is_not_for(tmp_path):
    own, key = signed("okul.example", names=("okul.example", "files.okul.example"))
    found = look(tmp_path, [own], key, [{"slug": "vakif", "domain": "kurban.example.org"}])
    assert told(found) == ["error: The TLS certificate does not hold for: vakif.okul.example, kurban.example.org"]


def test_a_whole_chain(tmp_path, authority):
    own, key = signed("okul.example", by=authority)
    assert look(tmp_path, [own, authority[0]], key) == []


def test_a_chain_without_the_one_between(tmp_path, authority):
    own, key = signed("okul.example", by=authority)
    assert told(look(tmp_path, [own], key)) == [
        "error: The TLS certificate's chain is incomplete or broken (issuer: CN=Makam)"
    ]


def test_a_chain_in_the_wrong_order(tmp_path, authority):
    own, key = signed("okul.example", by=authority)
    other, _ = signed("Başka")
    assert codes(look(tmp_path, [own, other], key)) == ["certificate_chain"]


def test_no_certificate_at_all(tmp_path):
    patient = Patient(tmp_path, rows=[])
    assert codes(certificate.certificate(patient)) == ["certificate_unreadable"]


def test_a_renewal_that_fails(tmp_path):
    own, key = signed("okul.example")
    Patient(tmp_path).write("/var/lib/belgenet/tls/state.json", {"problem": "acme_unreachable", "detail": "timed out"})
    assert told(look(tmp_path, [own], key)) == [
        "warning: The TLS certificate could not be renewed: acme_unreachable: timed out"
    ]
