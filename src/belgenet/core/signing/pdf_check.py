"""Checking a sealed PDF file without a network: is it whole, and does its signer lead to a trusted root?"""

import hashlib
import io
import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from asn1crypto import cms, pem, x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.status import PdfSignatureStatus, SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext

from belgenet.core.signing.qr import INFO_KEY

_TRACES = (b"/ByteRange", b"ETSI.CAdES.detached", b"/DocMDP")
_HEADER_WITHIN = 1024
_BYTE_RANGE = re.compile(rb"/ByteRange\s*\[\s*(\d{1,12})\s+(\d{1,12})\s+(\d{1,12})\s+(\d{1,12})\s*\]")


class PdfState(StrEnum):
    """What the bytes say, whoever sealed them."""

    INTACT = "intact"
    CHANGED = "changed"
    NOT_SIGNED = "not_signed"
    NOT_A_PDF = "not_a_pdf"


@dataclass(frozen=True, slots=True)
class PdfVerdict:
    """Outcome of :func:`check_pdf`. ``trusted``: the signer's certificate leads to one of the roots given."""

    state: PdfState
    trusted: bool = False
    signer: str = ""
    serial: int = 0
    signed_at: datetime | None = None
    qr_text: str = ""


def check_pdf(data: bytes, roots_pem: Sequence[str]) -> PdfVerdict:
    """Judge ``data``. Never raises for what a file may contain; any changed byte after sealing is found.

    The digest comes first, over plain bytes: one altered digit of a PDF's tables can keep a parser busy for minutes.
    """
    # pyHanko logs a traceback for each file it refuses; the verdict says all of it.
    logging.getLogger("pyhanko").setLevel(logging.CRITICAL)
    logging.getLogger("pyhanko_certvalidator").setLevel(logging.CRITICAL)
    traces = any(trace in data for trace in _TRACES)
    if b"%PDF-" not in data[:_HEADER_WITHIN] and not traces:
        return PdfVerdict(PdfState.NOT_A_PDF)
    try:
        if traces and not _is_as_digested(data):
            return PdfVerdict(PdfState.CHANGED)
        return _check(data, roots_pem, traces=traces)
    except Exception:  # noqa: BLE001 -- whatever a broken file does to the parser, it is not as it was sealed
        return PdfVerdict(PdfState.CHANGED if traces else PdfState.NOT_A_PDF)


def _is_as_digested(data: bytes) -> bool:
    """Whether the file's one signature speaks of exactly these bytes; whose it is and whether it is right is seen later."""
    ranges = _BYTE_RANGE.findall(data)
    if len(ranges) != 1:
        return False
    start, before, resume, rest = (int(number) for number in ranges[0])
    if start != 0 or not 0 < before < resume or resume + rest != len(data):
        return False
    content = cms.ContentInfo.load(bytes.fromhex(data[before + 1 : resume - 1].decode("ascii")))["content"]
    digest = hashlib.sha256(data[:before] + data[resume:]).digest()
    signed = content["signer_infos"][0]["signed_attrs"]
    return [attribute["values"].native for attribute in signed if attribute["type"].native == "message_digest"] == [
        [digest]
    ]


def _check(data: bytes, roots_pem: Sequence[str], *, traces: bool) -> PdfVerdict:
    reader = PdfFileReader(io.BytesIO(data))
    signatures = reader.embedded_signatures
    if not signatures:
        return PdfVerdict(PdfState.CHANGED if traces else PdfState.NOT_SIGNED)
    signature = signatures[0]
    if len(signatures) != 1 or not _is_canonical(data, signature):
        return PdfVerdict(PdfState.CHANGED)
    status = validate_pdf_signature(signature, _context(roots_pem, signature.self_reported_timestamp))
    if not _is_whole(status):
        return PdfVerdict(PdfState.CHANGED)
    certificate = signature.signer_cert
    return PdfVerdict(
        PdfState.INTACT,
        trusted=bool(status.trusted),
        signer=str(certificate.subject.native.get("common_name", "")),
        serial=certificate.serial_number,
        signed_at=signature.self_reported_timestamp,
        qr_text=_info(reader, INFO_KEY),
    )


def _info(reader: PdfFileReader, key: str) -> str:
    try:
        return str(reader.trailer["/Info"][f"/{key}"])
    except KeyError:
        return ""


def _context(roots_pem: Sequence[str], moment: datetime | None) -> ValidationContext:
    """Trust exactly the roots given, as of the time of signing: certificates outlive the key's validity."""
    roots = [x509.Certificate.load(pem.unarmor(text.encode())[2]) for text in roots_pem]
    return ValidationContext(trust_roots=roots, allow_fetching=False, moment=moment)


def _is_whole(status: PdfSignatureStatus) -> bool:
    return bool(
        status.intact and status.valid and status.docmdp_ok and status.coverage == SignatureCoverageLevel.ENTIRE_FILE
    )


def _is_canonical(data: bytes, signature: EmbeddedPdfSignature) -> bool:
    """Whether the one gap the signature cannot cover, itself, is byte for byte as we write it.

    A changed case of a hex digit, a bit in the padding or a field nobody checks would otherwise go unseen.
    """
    start, before, resume, rest = (int(part) for part in signature.byte_range)
    content = cms.ContentInfo.load(bytes(signature.pkcs7_content))
    digits = content.dump(force=True).hex().upper().encode()
    gap = data[before:resume]
    return (
        start == 0
        and resume + rest == len(data)
        and gap == b"<" + digits + b"0" * (len(gap) - len(digits) - 2) + b">"
        and _is_plain(content)
    )


def _is_plain(content: cms.ContentInfo) -> bool:
    """Whether the CMS has only what PAdES B-B needs: one signer, its certificate, signed attributes."""
    signed = content["content"]
    infos, certificates = signed["signer_infos"], signed["certificates"]
    if len(infos) != 1 or len(certificates) != 1:
        return False
    info = infos[0]
    identifier, certificate = info["sid"].chosen, certificates[0].chosen
    return bool(
        signed["version"].native == info["version"].native == "v1"
        and len(signed["crls"] or ()) == 0
        and len(info["unsigned_attrs"] or ()) == 0
        and [entry["algorithm"].native for entry in signed["digest_algorithms"]] == ["sha256"]
        and signed["encap_content_info"].native == {"content_type": "data", "content": None}
        and identifier["serial_number"].native == certificate.serial_number
        and identifier["issuer"].dump() == certificate.issuer.dump()
    )
