"""The institution's certificate; the openssl program is the real one."""

import subprocess
from datetime import UTC, datetime

import pytest
from checks.certificate import CERTIFICATE, DAY, KEY, certificate, moment

from .server import Server

DOMAIN = "belgenet.test"
NAMES = f"DNS:{DOMAIN},DNS:*.{DOMAIN}"


def openssl(*words):
    subprocess.run(["openssl", *map(str, words)], check=True, capture_output=True)


@pytest.fixture
def server(tmp_path):
    found = Server(tmp_path / "root")
    found.now = datetime.now(UTC).timestamp() + 60  # certificates begin at a full second
    (tmp_path / "root/etc/belgenet/tls").mkdir(parents=True)
    return found


def issue(server, *, names=NAMES, days=365, key=None):
    """A self-signed certificate at its place."""
    pem, private = server.root / CERTIFICATE[1:], key or server.root / KEY[1:]
    if not private.exists():
        openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", private)
    subject = ["-subj", "/CN=server", "-addext", f"subjectAltName={names}"]
    openssl("req", "-x509", "-key", private, "-days", days, *subject, "-out", pem)
    return pem


def codes(server):
    return [(finding.code, finding.severity) for finding in certificate(server.probe(), DOMAIN)]


UNKNOWN_AUTHORITY = ("certificate_chain", "warning")


def test_nothing_there(server):
    found = list(certificate(server.probe(), DOMAIN))
    assert [(f.code, f.values["path"]) for f in found] == [
        ("certificate_missing", CERTIFICATE),
        ("certificate_missing", KEY),
    ]


def test_the_key_is_missing(server):
    issue(server)
    server.remove(KEY)
    assert codes(server) == [("certificate_missing", "error")]


def test_a_good_one_of_an_authority_that_is_not_known_here(server):
    issue(server)
    assert codes(server) == [UNKNOWN_AUTHORITY]


def test_a_chain_without_its_middle(server, tmp_path):
    authority = tmp_path / "authority"
    openssl(
        *("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=authority"),
        *("-keyout", f"{authority}.key", "-out", f"{authority}.pem"),
    )
    private = server.root / KEY[1:]
    openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", private)
    request, extensions = tmp_path / "request.pem", tmp_path / "extensions"
    extensions.write_text(f"subjectAltName={NAMES}\n")
    openssl("req", "-new", "-key", private, "-subj", "/CN=server", "-out", request)
    openssl(
        *("x509", "-req", "-in", request, "-CA", f"{authority}.pem", "-CAkey", f"{authority}.key", "-CAcreateserial"),
        *("-days", 90, "-extfile", extensions, "-out", server.root / CERTIFICATE[1:]),
    )
    found = list(certificate(server.probe(), DOMAIN))
    assert [finding.code for finding in found] == ["certificate_chain"]
    assert "issuer certificate" in found[0].values["problem"]


def test_one_that_has_expired(server):
    issue(server, days=30)
    server.now += 31 * DAY
    assert codes(server) == [("certificate_expired", "error"), UNKNOWN_AUTHORITY]


def test_one_that_expires_soon(server):
    issue(server, days=30)
    server.now += 10 * DAY
    assert codes(server) == [("certificate_expires", "warning"), UNKNOWN_AUTHORITY]


def test_one_that_is_not_valid_yet(server):
    issue(server)
    server.now -= 2 * DAY
    assert codes(server)[0] == ("certificate_early", "error")


def test_one_for_another_name(server):
    issue(server, names="DNS:other.test,DNS:*.other.test")
    assert codes(server)[:2] == [("certificate_name", "error"), ("certificate_tenants", "warning")]


def test_one_without_the_tenants(server):
    issue(server, names=f"DNS:{DOMAIN}")
    assert codes(server) == [("certificate_tenants", "warning"), UNKNOWN_AUTHORITY]


def test_the_key_of_another_one(server, tmp_path):
    issue(server, key=tmp_path / "other.key")
    issue_key = server.root / KEY[1:]
    openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", issue_key)
    assert codes(server) == [UNKNOWN_AUTHORITY, ("key_other", "error")]


def test_a_key_with_a_passphrase(server):
    issue(server)
    path = server.root / KEY[1:]
    openssl("pkey", "-in", path, "-aes256", "-passout", "pass:secret", "-out", f"{path}.new")
    (server.root / f"{KEY[1:]}.new").replace(path)
    assert codes(server) == [UNKNOWN_AUTHORITY, ("key_unreadable", "error")]


def test_a_file_that_is_no_certificate(server):
    issue(server)
    server.write(CERTIFICATE, "hello\n")
    assert codes(server) == [("certificate_unreadable", "error")]


def test_a_server_without_openssl(server):
    issue(server)
    server.outputs["openssl"] = (127, "")
    assert codes(server) == [("openssl_missing", "warning")]


@pytest.mark.parametrize("line", ["notAfter=Nov  2 11:00:00 2026 GMT", "x\nnotAfter=Nov 02 11:00:00 2026 GMT\n"])
def test_a_date_of_openssl(line):
    assert moment(line, "notAfter") == datetime(2026, 11, 2, 11, tzinfo=UTC).timestamp()
    assert moment(line, "notBefore") is None
