"""The test authority: what RFC 8555 demands of it, and what it must refuse."""

import functools
import hmac
import http.server
import json
import ssl
import threading
from hashlib import sha256

import pytest
from cryptography import x509
from tests.common.waiting import wait_until

from belgenet.testing.acme.jws import thumbprint, unwrap, wrap
from belgenet.testing.acme.server import AcmeServer

from .client import Client, csr

NAMES = ("okul.example", "vakif.okul.example")
CHALLENGES = ".well-known/acme-challenge"


@pytest.fixture
def web(tmp_path):
    """A server whose port 80 stands on another port, and the folder it shows."""
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(tmp_path))
    handler.log_message = lambda *_: None
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as made:
        threading.Thread(target=made.serve_forever, daemon=True).start()
        (tmp_path / CHALLENGES).mkdir(parents=True)
        yield made.server_port, tmp_path / CHALLENGES
        made.shutdown()


@pytest.fixture
def acme(web):
    there = f"127.0.0.1:{web[0]}"
    with AcmeServer({"okul.example": there, "*.okul.example": there}) as made:
        yield made


@pytest.fixture
def client(acme):
    made = Client(acme.url)
    made.register()
    return made


def kind(answer):
    assert answer.headers["Content-Type"].startswith("application/problem+json")
    assert answer.headers["Replay-Nonce"], "the next request needs one"
    return answer.json()["type"].removeprefix("urn:ietf:params:acme:error:")


def prove(client, web, order, answer=None):
    """Show what is asked for, and wait for the verdicts."""
    verdicts = []
    for url in order["authorizations"]:
        challenge = client.post(url).json()["challenges"][0]
        shown = answer or f"{challenge['token']}.{thumbprint(client.jwk)}"
        (web[1] / challenge["token"]).write_text(shown)
        client.post(challenge["url"], {})
        wait_until(lambda url=url: client.post(url).json()["status"] != "pending", 10)
        verdicts.append(client.post(url).json())
    return verdicts


def test_a_certificate_with_its_chain_for_names_that_were_proven(acme, client, web):
    order = client.order(*NAMES)
    assert order["status"] == "pending"
    assert [one["status"] for one in prove(client, web, order)] == ["valid", "valid"]
    done = client.post(order["finalize"], {"csr": csr(*NAMES)}).json()
    assert done["status"] == "valid"
    answer = client.post(done["certificate"])
    assert answer.headers["Content-Type"].startswith("application/pem-certificate-chain")
    own, between = x509.load_pem_x509_certificates(answer.content)
    own.verify_directly_issued_by(between)
    between.verify_directly_issued_by(x509.load_pem_x509_certificate(acme.issuer.root.encode()))
    names = own.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert tuple(names.get_values_for_type(x509.DNSName)) == NAMES
    ssl.create_default_context(cadata=acme.issuer.root)


def test_the_key_has_one_account(client):
    first = client.account
    answer = client.post(client.directory["newAccount"], {}, jwk=client.jwk, kid=None)
    assert kind(answer) == "malformed", "both kinds of key"
    client.account = ""
    assert client.register().status_code == 200
    assert client.account == first
    stranger = Client(client.directory["newNonce"].removesuffix("/new-nonce"))
    assert kind(stranger.register(onlyReturnExisting=True)) == "accountDoesNotExist"


def test_a_nonce_is_good_once(acme, client):
    url = client.directory["newOrder"]
    body = client.signed(url, {"identifiers": [{"type": "dns", "value": NAMES[0]}]})
    assert client.send(url, body).status_code == 201
    assert kind(client.send(url, body)) == "badNonce"
    assert kind(client.post(url, {}, nonce="invented")) == "badNonce"
    acme.stale_nonces = 1
    assert kind(client.post(url, {})) == "badNonce"


def test_a_signature_is_looked_at(client):
    url = client.directory["newOrder"]
    body = client.signed(url, {"identifiers": [{"type": "dns", "value": NAMES[0]}]})
    changed = body | {"payload": wrap(json.dumps({"identifiers": [{"type": "dns", "value": "x.example"}]}).encode())}
    assert kind(client.send(url, changed)) == "malformed"
    assert kind(client.post(url, {}, alg="none")) == "badSignatureAlgorithm"
    assert kind(client.post(url, {}, url="https://elsewhere.example")) == "unauthorized"
    assert kind(client.send(url, body, kind="application/json")) == "malformed"
    assert kind(client.send(url, {"protected": "%", "payload": "", "signature": ""})) == "malformed"
    assert kind(client.post(url, {}, kid="https://elsewhere.example/account/1")) == "accountDoesNotExist"


@pytest.mark.parametrize(
    ("shown", "name", "wanted"),
    [("something else", "okul.example", "unauthorized"), (None, "yok.example", "dns")],
)
def test_a_name_that_is_not_proven_spoils_the_order(client, web, shown, name, wanted):
    order = client.order(name)
    verdict = prove(client, web, order, answer=shown)[0]
    assert verdict["status"] == "invalid"
    assert verdict["challenges"][0]["error"]["type"].endswith(wanted)
    assert client.post(order["place"]).json()["status"] == "invalid"
    assert kind(client.post(order["finalize"], {"csr": csr(name)})) == "orderNotReady"


def test_nobody_who_listens_is_a_problem_of_its_own(acme, client, web):
    acme.addresses["zu.example"] = "127.0.0.1:1"
    assert prove(client, web, client.order("zu.example"))[0]["challenges"][0]["error"]["type"].endswith("connection")


def test_it_signs_for_the_orders_names_and_no_other(client, web):
    order = client.order(*NAMES)
    assert kind(client.post(order["finalize"], {"csr": csr(*NAMES)})) == "orderNotReady"
    prove(client, web, order)
    assert kind(client.post(order["finalize"], {"csr": csr("okul.example", "x.okul.example")})) == "badCSR"
    assert kind(client.post(order["finalize"], {"csr": "AAAA"})) == "badCSR"


def test_a_wildcard_is_not_proven_by_a_file(client):
    wanted = [{"type": "dns", "value": "*.okul.example"}]
    assert kind(client.post(client.directory["newOrder"], {"identifiers": wanted})) == "rejectedIdentifier"


def test_an_account_sees_its_own_orders_only(acme, client):
    order = client.order(NAMES[0])
    stranger = Client(acme.url)
    stranger.register()
    for url in (order["place"], order["authorizations"][0]):
        assert stranger.post(url).status_code == 404


def test_a_server_that_is_down(acme, client):
    acme.down = True
    assert client.post(client.directory["newOrder"], {}).status_code == 503


def bound(client, secret, kid="kid-1"):
    url = client.directory["newAccount"]
    protected = wrap(json.dumps({"alg": "HS256", "kid": kid, "url": url}).encode())
    payload = wrap(json.dumps(client.jwk).encode())
    signature = wrap(hmac.new(unwrap(secret), f"{protected}.{payload}".encode(), sha256).digest())
    return {"protected": protected, "payload": payload, "signature": signature}


def test_an_external_account_is_bound_by_its_secret(acme):
    acme.bindings["kid-1"] = "c2VjcmV0"
    someone = Client(acme.url)
    assert someone.directory["meta"]["externalAccountRequired"]
    assert kind(someone.register()) == "externalAccountRequired"
    assert kind(someone.register(externalAccountBinding=bound(someone, "b3RoZXI"))) == "unauthorized"
    assert kind(someone.register(externalAccountBinding=bound(someone, "c2VjcmV0", "kid-2"))) == "unauthorized"
    foreign = bound(Client(acme.url), "c2VjcmV0")
    assert kind(someone.register(externalAccountBinding=foreign)) == "unauthorized"
    assert someone.register(externalAccountBinding=bound(someone, "c2VjcmV0")).status_code == 201
