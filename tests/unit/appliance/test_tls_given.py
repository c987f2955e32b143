"""Certificates that people bring: every reason to refuse one, and every order of a chain that can be repaired."""

import subprocess
from datetime import timedelta
from functools import partial

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat

from belgenet.appliance.tls import given, make
from belgenet.appliance.tls.chain import ordered
from belgenet.appliance.tls.examine import dns_names, examine
from belgenet.appliance.tls.pem import certificates, private_key, public_bytes
from belgenet.appliance.tls.server import TlsError
from belgenet.appliance.tls.words import told
from belgenet.appliance.words import words
from belgenet.testing.acme.issuing import Issuer

from .tls import DOMAIN, WILD, World


@pytest.fixture
def world(tmp_path):
    return World(tmp_path)


def refused(world, certificate, **more):
    with pytest.raises(TlsError) as raised:
        given.install(world.server, certificate, **more)
    for language in ("tr", "en"):
        for finding in raised.value.findings:
            assert told(words("tls", language), finding)
    return [finding.code for finding in raised.value.findings]


def test_a_good_one_is_used_without_a_word(world):
    text, key = world.signed()
    assert given.install(world.server, text, key=key) == []
    assert world.server.state().uncovered == []


def test_the_key_of_a_request_waits_for_its_certificate(world):
    text, key = world.signed()
    given.install(world.server, text, key=key)
    csr = x509.load_pem_x509_csr(given.request(world.server, organisation="Örnek Okulu").encode())
    assert csr.subject.rfc4514_string() == f"CN={DOMAIN},O=Örnek Okulu"
    again = x509.load_pem_x509_csr(given.request(world.server).encode())
    assert public_bytes(again) == public_bytes(csr)
    assert public_bytes(private_key(key)) != public_bytes(csr), "it is not the key in use"
    assert (world.layout.pending / "server.key").stat().st_mode & 0o777 == 0o600
    given.install(world.server, world.issuer.sign(csr))
    assert public_bytes(world.shown()) == public_bytes(csr)
    assert list(world.layout.pending.iterdir()) == []


def test_a_request_names_every_tenant_of_its_own_domain(world):
    world.tenants = [f"vakif.{DOMAIN}", "kendi.example"]
    csr = x509.load_pem_x509_csr(given.request(world.server).encode())
    names = csr.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == [*WILD, "kendi.example"]


def test_a_new_key_on_request(world):
    first = x509.load_pem_x509_csr(given.request(world.server).encode())
    second = x509.load_pem_x509_csr(given.request(world.server, new_key=True).encode())
    assert public_bytes(first) != public_bytes(second)
    assert refused(world, world.issuer.sign(first)) == ["key_other"]


def test_a_renewed_certificate_for_the_key_in_use(world):
    text, key = world.signed()
    given.install(world.server, text, key=key)
    csr = x509.load_pem_x509_csr(make.request(private_key(key), WILD).encode())
    given.install(world.server, world.issuer.sign(csr))
    assert world.shown() != certificates(text)[0]


def test_a_chain_in_any_order_with_what_does_not_belong_to_it(world):
    text, key = world.signed()
    own, between = certificates(text)
    stranger = Issuer("other")
    parts = [stranger.root, world.issuer.root, stranger.intermediate, world.issuer.intermediate, text]
    given.install(world.server, "\n".join(parts), key=key)
    assert world.server.pairs.live().chain == [own, between]
    assert ordered(own, [between, *certificates(world.issuer.root)]) == [own, between]


def test_without_its_intermediate(world):
    text, key = world.signed()
    alone = text.replace(world.issuer.intermediate, "")
    assert refused(world, alone, key=key) == ["intermediate_missing"]
    assert given.install(world.server, alone, key=key, chain=world.issuer.intermediate) == []


def test_an_authority_nobody_here_knows_is_a_warning(world):
    text, key = world.signed()
    world.trusted.write_text("")
    assert [finding.code for finding in given.install(world.server, text, key=key)] == ["authority_unknown"]


@pytest.mark.parametrize(
    ("habits", "codes"),
    [
        ({"begins": timedelta(days=-200)}, ["certificate_expired"]),
        ({"begins": timedelta(days=3)}, ["certificate_early"]),
        ({"names": ("other.example",)}, ["name_missing"]),
        ({"stranger": True}, ["key_other"]),
        ({"begins": timedelta(days=-200), "names": ("other.example",)}, ["certificate_expired", "name_missing"]),
    ],
)
def test_what_no_visitor_should_see(world, habits, codes):
    for name, value in habits.items():
        setattr(world.issuer.habits, name, value)
    text, key = world.signed()
    before = world.server.pairs.live()
    assert refused(world, text, key=key) == codes
    assert world.server.pairs.live() == before


def test_a_tenant_without_a_name_in_it_is_a_warning(world):
    text, key = world.signed(DOMAIN)
    findings = given.install(world.server, text, key=key)
    assert [(one.code, one.severity) for one in findings] == [("names_missing", "warning")]
    assert world.server.state().uncovered == [f"files.{DOMAIN}", f"vakif.{DOMAIN}"]


def test_one_that_ends_soon_is_a_warning_measured_by_its_life(world):
    text, key = world.signed()
    world.now += timedelta(days=75)
    assert [finding.code for finding in given.install(world.server, text, key=key)] == ["certificate_expires"]


def test_files_that_are_something_else(world):
    text, key = world.signed()
    locked = private_key(key).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"x"))
    assert refused(world, "hello", key=key) == ["certificate_unreadable"]
    assert refused(world, text, key="hello") == ["key_unreadable"]
    assert refused(world, text, key=locked.decode()) == ["key_passphrase"]
    assert refused(world, text) == ["key_other"]


def weak(bits):
    key = rsa.generate_private_key(65537, bits)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "old authority")])
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, DOMAIN)])
    signer = rsa.generate_private_key(65537, 2048)
    base = make.self_signed(WILD, 90)[0]
    builder = x509.CertificateBuilder(name, subject, key.public_key(), 1)
    builder = builder.not_valid_before(base.not_valid_before_utc).not_valid_after(base.not_valid_after_utc)
    builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(one) for one in WILD]), critical=False)
    return builder.sign(signer, SHA256())


def found(certificate):
    findings = examine([certificate], domain=DOMAIN, hosts=[], authorities=[])
    return {one.code for one in findings if one.severity == "error"} - {"intermediate_missing"}


def test_weak_keys():
    assert found(weak(2048)) == set()
    assert found(weak(1024)) == {"key_weak"}


def test_a_signature_that_browsers_refuse(tmp_path):
    """The library signs with SHA-1 no more; the openssl program still does."""
    curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    openssl = partial(subprocess.run, check=True, capture_output=True, cwd=tmp_path)
    openssl(["openssl", "req", "-x509", *curve, "-subj", "/CN=old", "-keyout", "ca.key", "-out", "ca.pem"])
    openssl(["openssl", "req", "-new", *curve, "-subj", "/CN=server", "-keyout", "own.key", "-out", "own.csr"])
    (tmp_path / "extensions").write_text(f"subjectAltName=DNS:{DOMAIN}")
    sign = [
        "openssl",
        "x509",
        "-req",
        "-sha1",
        "-in",
        "own.csr",
        "-CA",
        "ca.pem",
        "-CAkey",
        "ca.key",
        "-CAcreateserial",
    ]
    openssl([*sign, "-days", "90", "-extfile", "extensions", "-out", "own.pem"])
    assert found(certificates((tmp_path / "own.pem").read_text())[0]) == {"signature_weak"}


def test_names_are_those_of_the_extension():
    assert dns_names(make.self_signed(WILD, 1)[0]) == WILD
