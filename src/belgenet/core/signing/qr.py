"""What the QR code on a certificate says: an address to open, and a signature to check without a network.

``https://HOST/verify/CODE#1.KID.NUMBER.DATE.RECIPIENT.FACTS.SIGNATURE``

The part after ``#`` never reaches a server. ``DATE`` is YYYYMMDD, ``RECIPIENT`` and ``FACTS`` are digests of
96 bits, ``SIGNATURE`` is Ed25519 over ``belgenet-qr|CODE|1|KID|NUMBER|DATE|RECIPIENT|FACTS``; binary parts
are base64url without padding. All of it is ASCII: readers disagree about the character set of other bytes.
"""

import hashlib
import io
import json
import re
import unicodedata
from base64 import b64encode, urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import qrcode
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ed25519
from PIL import Image

VERSION = "1"
INFO_KEY = "BelgeNetQR"
"""Entry of a PDF file's Info dictionary that repeats the text of its QR code."""
_DIGEST_BYTES = 12
QUIET_ZONE = 4
_MASK = 2
_MODULE_PIXELS = 2
_TEXT = re.compile(
    r"(?P<base>https?://[A-Za-z0-9.:\[\]-]{1,255})/verify/(?P<code>[A-Za-z0-9-]{8,40})"
    r"#1\.(?P<kid>[0-9a-f]{12})\.(?P<number>[A-Za-z0-9-]{1,40})\.(?P<day>[0-9]{8})\.(?P<recipient>[\w-]{16})\.(?P<facts>[\w-]{16})"
    r"\.(?P<signature>[\w-]{86})",
    re.ASCII,
)


class QrTextError(ValueError):
    """The text is not one of our QR codes."""


def _b64(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def _unb64(text: str) -> bytes:
    data = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if _b64(data) != text:
        # Base64 leaves spare bits in its last character: the same bytes spelt differently are a changed text.
        raise QrTextError("base64url is not canonical")
    return data


def recipient_digest(code: str, name: str) -> str:
    """Digest of a recipient's name, bound to the code; case, dots on i and spacing do not count."""
    plain = unicodedata.normalize("NFKC", name).casefold().replace("\u0307", "").replace("ı", "i")
    folded = " ".join(plain.split())
    return _b64(hashlib.sha256(f"belgenet-recipient|{code}|{folded}".encode()).digest()[:_DIGEST_BYTES])


def facts_digest(facts: Mapping[str, Any]) -> str:
    """Digest of all facts printed on the certificate, over their JSON with sorted keys."""
    text = json.dumps(facts, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return _b64(hashlib.sha256(f"belgenet-facts|{text}".encode()).digest()[:_DIGEST_BYTES])


@dataclass(frozen=True, slots=True)
class QrPayload:
    """The signed statement: this certificate, of this day, for this recipient, with these facts."""

    code: str
    number: str
    issued_on: date
    recipient: str
    facts: str
    kid: str

    @property
    def _signed(self) -> str:
        day = self.issued_on.strftime("%Y%m%d")
        return f"{VERSION}.{self.kid}.{self.number}.{day}.{self.recipient}.{self.facts}"

    @property
    def message(self) -> bytes:
        """The bytes under the signature."""
        return f"belgenet-qr|{self.code}|{self._signed.replace('.', '|')}".encode()

    def text(self, base_url: str, signature: bytes) -> str:
        """The text of the QR code. ``base_url`` is scheme, host and port of the tenant."""
        text = f"{base_url}/verify/{self.code}#{self._signed}.{_b64(signature)}"
        if _TEXT.fullmatch(text) is None:
            raise QrTextError("address, code or number do not fit into a QR text")
        return text

    def sign(self, base_url: str, key: ed25519.Ed25519PrivateKey) -> str:
        """Sign and return the text of the QR code."""
        return self.text(base_url, key.sign(self.message))


@dataclass(frozen=True, slots=True)
class QrText:
    """A scanned text, taken apart; its signature is not yet checked."""

    base_url: str
    payload: QrPayload
    signature: bytes

    def signed_by(self, public: bytes) -> bool:
        """Whether the Ed25519 key of these 32 bytes signed this payload."""
        try:
            ed25519.Ed25519PublicKey.from_public_bytes(public).verify(self.signature, self.payload.message)
        except (InvalidSignature, ValueError):
            return False
        return True


def parse_qr(text: str) -> QrText:
    """Take a scanned text apart.

    :raises QrTextError: it is not one of ours.
    """
    match = _TEXT.fullmatch(text.strip())
    if match is None:
        raise QrTextError("not a certificate's QR text")
    try:
        day = datetime.strptime(match["day"], "%Y%m%d").date()  # noqa: DTZ007 -- a calendar day has no zone
        for part in ("recipient", "facts"):
            _unb64(match[part])
        signature = _unb64(match["signature"])
    except ValueError as error:
        raise QrTextError("not a certificate's QR text") from error
    code, number, recipient, facts, kid = match.group("code", "number", "recipient", "facts", "kid")
    payload = QrPayload(code, number, day, recipient, facts, kid)
    return QrText(match["base"], payload, signature)


def qr_markup(text: str) -> str:
    """An HTML picture of ``text``, error correction M, with its quiet zone; it fills its frame.

    Pixels and not paths: a page draws them in a tenth of the time, which was a fifth of the time of a certificate. Two to a module
    can be read even where a viewer smooths pictures.
    """
    # The search for the best of eight masks takes ten times as long as the rest; readers take any mask.
    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, border=QUIET_ZONE, mask_pattern=_MASK)
    code.add_data(text)
    code.make(fit=True)
    rows = code.get_matrix()
    size = len(rows)
    picture = Image.new("1", (size, size))
    picture.putdata([not dark for row in rows for dark in row])
    png = io.BytesIO()
    picture.resize((size * _MODULE_PIXELS,) * 2, Image.Resampling.NEAREST).save(png, "PNG")
    data = b64encode(png.getvalue()).decode()
    style = "width:100%;height:100%;image-rendering:pixelated"
    return f'<img class="qr" alt="" style="{style}" src="data:image/png;base64,{data}">'
