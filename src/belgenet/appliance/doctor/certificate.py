"""The certificate that Nginx shows."""

import ssl
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from belgenet.appliance import places
from belgenet.appliance.doctor.finding import Finding, error, warning
from belgenet.appliance.doctor.names import hosts
from belgenet.appliance.doctor.system import System
from belgenet.appliance.run import CommandError

ENDING, URGENT = timedelta(days=21), timedelta(days=7)
FOLDER: Final = places.ETC / "tls"
RENEWAL: Final = "/var/lib/belgenet/tls/state.json"


def certificate(system: System) -> Iterator[Finding]:
    """Valid for long enough and for every name, with its chain and its key, and the one that is shown."""
    try:
        chain = x509.load_pem_x509_certificates((system.text(FOLDER / "server.pem") or "").encode())
        key = serialization.load_pem_private_key((system.text(FOLDER / "server.key") or "").encode(), None)
    except (ValueError, TypeError) as failure:
        yield error("certificate_unreadable", reason=str(failure)[:200])
        return
    leaf = chain[0]
    if _plain(key.public_key()) != _plain(leaf.public_key()):
        yield error("certificate_key")
    yield from validity(leaf, system.now())
    yield from _chain(chain)
    yield from _names(leaf, _wanted(system))
    yield from _shown(leaf)
    state = system.document(RENEWAL)
    if state.get("problem"):
        reason = f"{state['problem']}: {state.get('detail', '')}".rstrip(": ")
        yield warning("certificate_renewal", reason=reason[:300])


def validity(leaf: x509.Certificate, now: datetime) -> Iterator[Finding]:
    """From when until when."""
    begins, ends = leaf.not_valid_before_utc, leaf.not_valid_after_utc
    left = ends - now
    if now < begins:
        yield error("certificate_early", date=begins.date().isoformat())
    if left <= timedelta(0):
        yield error("certificate_expired", date=ends.date().isoformat())
    elif left < ENDING:
        say = error if left < URGENT else warning
        yield say("certificate_ending", date=ends.date().isoformat(), days=left.days)


def _chain(chain: Sequence[x509.Certificate]) -> Iterator[Finding]:
    """Each is signed by the next; the last one may leave out the authority's own."""
    for one, issuer in pairwise(chain):
        try:
            one.verify_directly_issued_by(issuer)
        except (ValueError, TypeError, InvalidSignature):
            yield error("certificate_chain", issuer=one.issuer.rfc4514_string())
            return
    # A leaf alone that somebody else signed: browsers that have never seen the authority between refuse it.
    leaf = chain[0]
    if len(chain) == 1 and leaf.issuer != leaf.subject and not _trusted(leaf):
        yield error("certificate_chain", issuer=leaf.issuer.rfc4514_string())


def _trusted(leaf: x509.Certificate) -> bool:
    """Whether an authority this server trusts has the issuer's name."""
    known = ssl.create_default_context().get_ca_certs(binary_form=True)
    name = (
        leaf.issuer.public_bytes()
    )  # searched for as it is written: some old authorities' certificates cannot be parsed
    return any(name in one for one in known)


def _wanted(system: System) -> list[str]:
    try:
        return hosts(system)
    except CommandError:  # the database has a check of its own
        return [system.domain, f"files.{system.domain}"]


def _names(leaf: x509.Certificate, wanted: Sequence[str]) -> Iterator[Finding]:
    try:
        found = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        covered = set(found.get_values_for_type(x509.DNSName))
    except x509.ExtensionNotFound:
        covered = set()
    missing = [host for host in wanted if host not in covered and f"*.{host.partition('.')[2]}" not in covered]
    if missing:
        yield error("certificate_names", names=", ".join(missing))


def _shown(leaf: x509.Certificate) -> Iterator[Finding]:
    """What Nginx loaded at its last reload."""
    try:
        shown = x509.load_pem_x509_certificate(ssl.get_server_certificate(("127.0.0.1", 443), timeout=5).encode())
    except (OSError, ValueError):  # that nobody answers is found by another check
        return
    if shown != leaf:
        yield warning("certificate_not_loaded", date=shown.not_valid_after_utc.date().isoformat())


def _plain(key: object) -> bytes:
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)  # type: ignore[attr-defined, no-any-return]
