"""Whether a certificate may be shown to visitors: everything that is wrong with it at once."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import dsa, ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID

from belgenet.appliance.tls import chain as chains
from belgenet.appliance.tls.names import uncovered

ERROR, WARNING = "error", "warning"
SOON: Final = timedelta(days=21)
_WEAK_HASHES: Final = frozenset({"md5", "sha1"})
_LEAST_RSA, _LEAST_CURVE = 2048, 256


@dataclass(frozen=True)
class Finding:
    """One thing that is not as it should be; the text belongs to the code."""

    code: str
    severity: str = ERROR
    values: dict[str, str] = field(default_factory=dict)


def dns_names(certificate: x509.Certificate) -> list[str]:
    """Names a certificate is for. Browsers look nowhere else."""
    try:
        extension = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except (x509.ExtensionNotFound, ValueError):
        return []
    return extension.value.get_values_for_type(x509.DNSName)


def examine(
    chain: list[x509.Certificate],
    *,
    domain: str,
    hosts: Iterable[str],
    authorities: list[x509.Certificate],
    now: datetime | None = None,
) -> list[Finding]:
    """Everything about a chain that begins with the server's own certificate.

    :param domain: without this name no certificate is taken; without another of the ``hosts`` it is, with a warning.
    """
    own, moment = chain[0], now or datetime.now(UTC)
    return [
        *_validity(own, moment),
        *_names(own, domain, list(hosts)),
        *_use(own),
        *(finding for certificate in chain for finding in _strength(certificate)),
        *_end(chain, authorities),
    ]


def _validity(own: x509.Certificate, now: datetime) -> Iterator[Finding]:
    start, end = own.not_valid_before_utc, own.not_valid_after_utc
    if now < start:
        yield Finding("certificate_early", values={"date": f"{start:%Y-%m-%d}"})
    if end <= now:
        yield Finding("certificate_expired", values={"date": f"{end:%Y-%m-%d}"})
    elif end < now + min(SOON, (end - start) / 3):
        yield Finding("certificate_expires", WARNING, {"date": f"{end:%Y-%m-%d}"})


def _names(own: x509.Certificate, domain: str, hosts: list[str]) -> Iterator[Finding]:
    names = dns_names(own)
    if uncovered(names, [domain]):
        yield Finding("name_missing", values={"domain": domain, "found": ", ".join(names) or "-"})
    if absent := uncovered(names, [host for host in hosts if host != domain]):
        yield Finding("names_missing", WARNING, {"names": ", ".join(absent)})


def _use(own: x509.Certificate) -> Iterator[Finding]:
    try:
        uses = own.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except (x509.ExtensionNotFound, ValueError):
        return
    if ExtendedKeyUsageOID.SERVER_AUTH not in uses and ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE not in uses:
        yield Finding("not_for_servers")


def _strength(certificate: x509.Certificate) -> Iterator[Finding]:
    subject = certificate.subject.rfc4514_string()
    used = certificate.signature_hash_algorithm
    if used is not None and used.name in _WEAK_HASHES and not chains.self_issued(certificate):
        yield Finding("signature_weak", values={"subject": subject, "found": used.name.upper()})
    key = certificate.public_key()
    weak_rsa = isinstance(key, rsa.RSAPublicKey) and key.key_size < _LEAST_RSA
    weak_curve = isinstance(key, ec.EllipticCurvePublicKey) and key.key_size < _LEAST_CURVE
    if isinstance(key, dsa.DSAPublicKey) or weak_rsa or weak_curve:
        size = getattr(key, "key_size", 0)
        yield Finding("key_weak", values={"subject": subject, "found": str(size)})


def _end(chain: list[x509.Certificate], authorities: list[x509.Certificate]) -> Iterator[Finding]:
    last = chain[-1]
    if chains.self_issued(last):
        if last not in authorities:
            yield Finding("self_signed", WARNING)
        return
    if chains.ends_at(chain, authorities):
        return
    issuer = last.issuer.rfc4514_string()
    # One alone: authorities hardly ever sign with their root, so its intermediate is missing. More: the root is not known here.
    if len(chain) == 1:
        yield Finding("intermediate_missing", values={"issuer": issuer})
    else:
        yield Finding("authority_unknown", WARNING, {"issuer": issuer})
