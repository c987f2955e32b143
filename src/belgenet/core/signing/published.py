"""What a tenant publishes so that anyone can check its certificates: a key set and signed revocations."""

import hashlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime
from typing import Literal

from cryptography.hazmat.primitives import serialization
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from belgenet.core.signing.keys import KeyState, load_ed25519

_ALGORITHM = "Ed25519"
"""The fully specified name; RFC 9864 deprecates the polymorphic "EdDSA"."""
_LIST_TYPE = "belgenet-revocations+jws"


def _b64(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


class PublishedDocumentError(ValueError):
    """A key set or revocation list is malformed or not signed by a key of the set."""


class _Document(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class PublishedJwk(_Document):
    """An Ed25519 key as RFC 8037 writes it; ``state`` is ours."""

    kty: Literal["OKP"] = "OKP"
    crv: Literal["Ed25519"] = "Ed25519"
    alg: Literal["Ed25519"] = "Ed25519"
    use: Literal["sig"] = "sig"
    kid: str
    x: str
    state: KeyState

    @classmethod
    def of(cls, kid: str, public: bytes, state: KeyState) -> "PublishedJwk":
        """The published form of 32 public bytes."""
        return cls(kid=kid, x=_b64(public), state=state)

    @property
    def public(self) -> bytes:
        """The 32 bytes of the key."""
        return urlsafe_b64decode(self.x + "=" * (-len(self.x) % 4))


class PublishedCertificate(_Document):
    """An X.509 certificate of the tenant (PEM) and whether it is trusted still."""

    kid: str
    state: KeyState
    serial: str
    not_before: AwareDatetime
    not_after: AwareDatetime
    pem: str


class KeySet(_Document):
    """``GET /api/v1/certificates/keys``: a JWK set (RFC 7517) and the certificates for PDF files."""

    issuer: str
    name: str
    generated_at: AwareDatetime
    keys: list[PublishedJwk]
    pdf_roots: list[PublishedCertificate]
    pdf_signers: list[PublishedCertificate]

    @classmethod
    def parse(cls, text: str | bytes) -> "KeySet":
        """Read a stored key set.

        :raises PublishedDocumentError: it is not one.
        """
        try:
            return cls.model_validate_json(text)
        except ValidationError as error:
            raise PublishedDocumentError("not a key set") from error

    def trusted_roots(self) -> list[str]:
        """PEM of every root that was not withdrawn."""
        return [root.pem for root in self.pdf_roots if root.state is not KeyState.WITHDRAWN]

    def withdrawn_serials(self) -> set[int]:
        """Serial numbers of the signing certificates nobody should trust any more."""
        return {int(c.serial, 16) for c in self.pdf_signers if c.state is KeyState.WITHDRAWN}

    def qr_key(self, kid: str) -> bytes | None:
        """The public key named ``kid``, unless it was withdrawn or never published."""
        found = (key for key in self.keys if key.kid == kid and key.state is not KeyState.WITHDRAWN)
        return next((key.public for key in found), None)


def code_digest(code: str) -> str:
    """How the list names a certificate: who reads it cannot tell the codes, and so look no certificate up."""
    return _b64(hashlib.sha256(f"belgenet-code|{code}".encode()).digest()[:16])


class Revocation(_Document):
    """One certificate that no longer stands. ``reason`` is a word of a fixed list, never free text."""

    certificate: str
    """:func:`code_digest` of its code."""
    status: Literal["revoked", "replaced"]
    reason: str
    at: AwareDatetime


class RevocationList(_Document):
    """All revocations of a tenant. After ``next_update`` a newer list exists."""

    issuer: str
    issued_at: AwareDatetime
    next_update: AwareDatetime
    entries: list[Revocation] = Field(default_factory=list)

    def find(self, code: str) -> Revocation | None:
        """The entry for ``code``, if it is on the list."""
        wanted = code_digest(code)
        return next((entry for entry in self.entries if entry.certificate == wanted), None)

    def is_stale(self, now: datetime) -> bool:
        """Whether a newer list should have been fetched by ``now``."""
        return now > self.next_update


class SignedRevocations(_Document):
    """``GET /api/v1/certificates/revocations``: the list as a compact JWS (RFC 7515); the dates repeat it."""

    jws: str
    issued_at: AwareDatetime
    next_update: AwareDatetime


def sign_revocations(document: RevocationList, kid: str, private: bytes) -> SignedRevocations:
    """Sign ``document`` with the Ed25519 key ``private`` (PKCS#8 DER)."""
    der = load_ed25519(private).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    header = {"alg": _ALGORITHM, "kid": kid, "typ": _LIST_TYPE}
    text = jws.serialize_compact(header, document.model_dump_json(), OKPKey.import_key(der), algorithms=[_ALGORITHM])
    return SignedRevocations(jws=text, issued_at=document.issued_at, next_update=document.next_update)


def open_revocations(text: str | bytes, keys: KeySet) -> RevocationList:
    """Check and read a stored list.

    :raises PublishedDocumentError: malformed, or not signed by a trusted key of ``keys``.
    """
    try:
        compact = SignedRevocations.model_validate_json(text).jws
        header = jws.extract_compact(compact.encode()).headers()
        public = keys.qr_key(str(header.get("kid", "")))
        if header.get("typ") != _LIST_TYPE or public is None:
            raise PublishedDocumentError("the list is not signed by this key set")
        key = OKPKey.import_key({"kty": "OKP", "crv": "Ed25519", "x": _b64(public)})
        opened = jws.deserialize_compact(compact, key, algorithms=[_ALGORITHM])
        return RevocationList.model_validate_json(opened.payload)
    except (JoseError, ValidationError, UnicodeError) as error:
        raise PublishedDocumentError("the list is malformed or its signature is wrong") from error
