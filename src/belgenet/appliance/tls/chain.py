"""The way from a certificate up to an authority, whatever the order of the file."""

import warnings
from contextlib import suppress
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature

from belgenet.appliance.tls.pem import Key, PemError, blocks, certificates, public_bytes


def signed_by(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    """Whether the issuer's key signed it."""
    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def self_issued(certificate: x509.Certificate) -> bool:
    """Whether it is the end of every chain."""
    return certificate.issuer == certificate.subject


def leaf(found: list[x509.Certificate], key: Key) -> x509.Certificate | None:
    """The one certificate of the file that belongs to the key."""
    wanted = public_bytes(key)
    return next((certificate for certificate in found if public_bytes(certificate) == wanted), None)


def ordered(first: x509.Certificate, others: list[x509.Certificate]) -> list[x509.Certificate]:
    """From the server's own upwards. The authority at the top stays out: whoever trusts it has it.

    What belongs to another chain is left out too.
    """
    chain = [first]
    while not self_issued(chain[-1]):
        above = next((other for other in others if other not in chain and signed_by(chain[-1], other)), None)
        if above is None or self_issued(above):
            break
        chain.append(above)
    return chain


def trusted_authorities(files: list[Path]) -> list[x509.Certificate]:
    """Authorities of PEM files; one that is missing or unreadable adds nothing."""
    found: list[x509.Certificate] = []
    for file in files:
        try:
            text = file.read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue
        for block in blocks(text):
            with warnings.catch_warnings(), suppress(PemError):
                warnings.simplefilter("ignore")  # old roots have serial numbers that today's rules forbid
                found += certificates(block)
    return found


def ends_at(chain: list[x509.Certificate], authorities: list[x509.Certificate]) -> bool:
    """Whether one of these authorities signed the chain's last certificate, or is it."""
    last = chain[-1]
    return any(last == authority or signed_by(last, authority) for authority in authorities)
