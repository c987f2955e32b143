"""A small ACME client of the tests' own: it signs requests, and can sign them wrongly."""

import json
from typing import Any

import httpx
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from belgenet.testing.acme.jws import wrap


class Client:
    """One account's key."""

    def __init__(self, url: str) -> None:
        self.directory = httpx.get(f"{url}/directory").json()
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.account = ""

    @property
    def jwk(self) -> dict[str, str]:
        numbers = self.key.public_key().public_numbers()
        return {"crv": "P-256", "kty": "EC", "x": wrap(numbers.x.to_bytes(32)), "y": wrap(numbers.y.to_bytes(32))}

    def nonce(self) -> str:
        return httpx.head(self.directory["newNonce"]).headers["Replay-Nonce"]

    def signed(self, url: str, payload: Any, /, **header: Any) -> dict[str, str]:
        who = {"kid": self.account} if self.account else {"jwk": self.jwk}
        told = {"alg": "ES256", "nonce": self.nonce(), "url": url, **who, **header}
        protected = wrap(json.dumps(told).encode())
        body = "" if payload is None else wrap(json.dumps(payload).encode())
        first, second = decode_dss_signature(self.key.sign(f"{protected}.{body}".encode(), ec.ECDSA(SHA256())))
        return {"protected": protected, "payload": body, "signature": wrap(first.to_bytes(32) + second.to_bytes(32))}

    def send(self, url: str, body: dict[str, str], kind: str = "application/jose+json") -> httpx.Response:
        return httpx.post(url, content=json.dumps(body), headers={"Content-Type": kind})

    def post(self, url: str, payload: Any = None, /, **header: Any) -> httpx.Response:
        return self.send(url, self.signed(url, payload, **header))

    def register(self, **more: Any) -> httpx.Response:
        answer = self.post(self.directory["newAccount"], {"termsOfServiceAgreed": True, **more})
        if answer.is_success:
            self.account = answer.headers["Location"]
        return answer

    def order(self, *names: str) -> Any:
        wanted = [{"type": "dns", "value": name} for name in names]
        answer = self.post(self.directory["newOrder"], {"identifiers": wanted})
        return answer.json() | {"place": answer.headers.get("Location")}


def csr(*names: str) -> str:
    key = ec.generate_private_key(ec.SECP256R1())
    builder = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([]))
    alternatives = x509.SubjectAlternativeName([x509.DNSName(name) for name in names])
    signed = builder.add_extension(alternatives, critical=False).sign(key, SHA256())
    return wrap(signed.public_bytes(Encoding.DER))
