"""Signed requests: JSON Web Signatures as ACME uses them (RFC 7515, RFC 8555 section 6.2)."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from belgenet.testing.acme.problems import AcmeProblem

Jwk = dict[str, str]
_CURVE_BYTES = 32


@dataclass(frozen=True)
class Signed:
    """What somebody signed. ``account`` is empty when the key itself came along."""

    header: dict[str, Any]
    payload: Any
    jwk: Jwk
    account: str


def unwrap(text: str) -> bytes:
    """base64url without its padding. :raises AcmeProblem: ``malformed``."""
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (ValueError, TypeError):
        raise AcmeProblem("malformed", "not base64url") from None


def wrap(data: bytes) -> str:
    """base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def thumbprint(jwk: Jwk) -> str:
    """RFC 7638: the key's fingerprint, which answers to challenges must hold."""
    members = ("crv", "kty", "x", "y") if jwk["kty"] == "EC" else ("e", "kty", "n")
    plain = json.dumps({name: jwk[name] for name in members}, separators=(",", ":"), sort_keys=True)
    return wrap(hashlib.sha256(plain.encode()).digest())


def opened(body: bytes, url: str, key_of: Callable[[str], Jwk]) -> Signed:
    """A request whose signature is right and which is meant for this address.

    :param key_of: the key of an account, by its address.
    :raises AcmeProblem: ``malformed``, ``unauthorized``, ``badSignatureAlgorithm``, or what ``key_of`` raises.
    """
    try:
        outer = json.loads(body)
        header = json.loads(unwrap(outer["protected"]))
        payload = unwrap(outer["payload"])
        signature = unwrap(outer["signature"])
    except (ValueError, KeyError, TypeError):
        raise AcmeProblem("malformed", "not a signed request") from None
    if header.get("url") != url:
        raise AcmeProblem("unauthorized", f"signed for {header.get('url')}, sent to {url}", 403)
    if ("jwk" in header) == ("kid" in header):
        raise AcmeProblem("malformed", "either jwk or kid")
    jwk = header["jwk"] if "jwk" in header else key_of(header["kid"])
    _verify(jwk, header.get("alg"), f"{outer['protected']}.{outer['payload']}".encode(), signature)
    return Signed(header, json.loads(payload) if payload else None, jwk, header.get("kid", ""))


def check_binding(binding: Any, secrets: dict[str, str], jwk: Jwk) -> str:
    """An external account binding: the key of this account, signed with a shared secret. Returns the key identifier.

    :param secrets: key identifier -> secret, base64url.
    :raises AcmeProblem: ``unauthorized``.
    """
    try:
        header = json.loads(unwrap(binding["protected"]))
        bound = json.loads(unwrap(binding["payload"]))
        told = f"{binding['protected']}.{binding['payload']}".encode()
        kid = str(header["kid"])
        wanted = hmac.new(unwrap(secrets[kid]), told, hashlib.sha256).digest() if kid in secrets else b""
        right = hmac.compare_digest(wanted, unwrap(binding["signature"]))
    except (ValueError, KeyError, TypeError):
        raise AcmeProblem("malformed", "not an external account binding") from None
    if not right or header.get("alg") != "HS256" or thumbprint(bound) != thumbprint(jwk):
        raise AcmeProblem("unauthorized", "the external account binding is not right", 403)
    return kid


def _verify(jwk: Jwk, algorithm: object, told: bytes, signature: bytes) -> None:
    try:
        if algorithm == "ES256" and jwk["kty"] == "EC" and len(signature) == 2 * _CURVE_BYTES:
            first, second = signature[:_CURVE_BYTES], signature[_CURVE_BYTES:]
            plain = encode_dss_signature(int.from_bytes(first), int.from_bytes(second))
            _point(jwk).verify(plain, told, ec.ECDSA(SHA256()))
        elif algorithm == "RS256" and jwk["kty"] == "RSA":
            numbers = rsa.RSAPublicNumbers(_number(jwk["e"]), _number(jwk["n"]))
            numbers.public_key().verify(signature, told, padding.PKCS1v15(), SHA256())
        else:
            raise AcmeProblem("badSignatureAlgorithm", f"{algorithm} with a key of type {jwk.get('kty')}")
    except InvalidSignature:
        raise AcmeProblem("malformed", "the signature is not right") from None
    except (KeyError, ValueError):
        raise AcmeProblem("badPublicKey", "the key cannot be read") from None


def _point(jwk: Jwk) -> ec.EllipticCurvePublicKey:
    return ec.EllipticCurvePublicNumbers(_number(jwk["x"]), _number(jwk["y"]), ec.SECP256R1()).public_key()


def _number(text: str) -> int:
    return int.from_bytes(unwrap(text))
