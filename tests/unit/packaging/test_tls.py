"""Each way to a certificate, and what it needs before an installation."""

import http.server
import ssl
import threading

import pytest
from checks.certificate import CERTIFICATE
from checks.probe import fetch
from checks.tls import REQUEST, tls
from tests.common.authority import Authority

from .server import Server

DOMAIN = "belgenet.test"
DIRECTORY = "https://ca.belgenet.test/acme/directory"


@pytest.fixture
def server(tmp_path):
    found = Server(tmp_path / "root")
    found.outputs["hostname"] = (0, "192.0.2.7 2001:db8::7\n")
    found.outputs["getent"] = (0, "192.0.2.7  STREAM x\n192.0.2.7  DGRAM\n")
    return found


def found(server, mode, **more):
    answers = {"belgenet_domain": DOMAIN, "belgenet_tls_mode": mode}
    answers |= {f"belgenet_tls_{name}": value for name, value in more.items()}
    return [(one.code, one.severity) for one in tls(server.probe(), answers)]


@pytest.mark.parametrize("mode", ["self_signed", "", "unknown"])
def test_a_trial_needs_nothing(server, mode):
    assert found(server, mode) == []


def test_an_internal_authority_may_sign_later(server):
    assert found(server, "internal_ca") == [("csr_needed", "warning")]
    server.write(REQUEST, "x")
    assert found(server, "internal_ca") == [("csr_pending", "warning")]
    assert found(server, "provided") == [("csr_pending", "warning")]
    server.remove(REQUEST)
    assert found(server, "provided")[0] == ("certificate_missing", "error")


def test_what_an_internal_authority_signed_is_looked_at(server):
    server.write(CERTIFICATE, "x")
    server.write("/etc/belgenet/tls/server.key", "x")
    assert found(server, "internal_ca") == [("certificate_unreadable", "error")]


def test_public_names_lead_here_or_elsewhere_or_nowhere(server):
    assert found(server, "acme_http01") == []
    server.outputs["getent"] = (0, "203.0.113.1  STREAM x\n")
    assert found(server, "acme_http01") == [("name_elsewhere", "warning")] * 2
    server.outputs["getent"] = (2, "")
    assert found(server, "acme_http01") == [("name_unresolved", "warning")] * 2


def test_an_internal_acme_server_has_an_address(server):
    assert found(server, "internal_acme") == [("acme_directory", "error")]
    assert found(server, "internal_acme", acme_directory="http://ca.test/d") == [("acme_directory", "error")]


def test_an_internal_acme_server_answers_or_not(server):
    server.reached = ""
    assert found(server, "internal_acme", acme_directory=DIRECTORY) == []
    server.reached = "connection refused"
    assert found(server, "internal_acme", acme_directory=DIRECTORY) == [("acme_unreachable", "warning")]
    absent = found(server, "internal_acme", acme_directory=DIRECTORY, acme_authority="/etc/ssl/ca.pem")
    assert absent == [("acme_authority", "error")]


def test_the_authority_of_a_server_is_looked_at(tmp_path):
    authority = Authority(tmp_path)
    with http.server.HTTPServer(("127.0.0.1", 0), http.server.SimpleHTTPRequestHandler) as made:
        made.socket = authority.server("127.0.0.1").wrap_socket(made.socket, server_side=True)
        made.RequestHandlerClass.log_message = lambda *_: None
        made.handle_error = lambda *_: None
        threading.Thread(target=made.serve_forever, daemon=True).start()
        url = f"https://127.0.0.1:{made.server_port}/"
        assert fetch(url, str(authority.file)) == ""
        assert "certificate verify failed" in fetch(url, "")
        made.shutdown()
    assert "refused" in fetch(url, str(authority.file))
    assert fetch("https://127.0.0.1:1/", str(tmp_path / "absent.pem"))
    assert ssl.create_default_context()
