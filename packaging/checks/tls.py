"""Where the certificate is to come from, and what that way needs. The network is only ever a warning: it may come later."""

from collections.abc import Iterator

from checks.certificate import CERTIFICATE, KEY, certificate
from checks.probe import ERROR, WARNING, Finding, Probe
from checks.site import Answers

REQUEST = "/etc/belgenet/tls/pending/request.csr"


def tls(probe: Probe, answers: Answers) -> Iterator[Finding]:
    """Everything about the certificate."""
    domain = answers.get("belgenet_domain", "")
    mode = answers.get("belgenet_tls_mode", "")
    if mode == "provided" and not request_pending(probe):
        yield from certificate(probe, domain)
    elif mode in {"provided", "internal_ca"}:
        yield from brought(probe, domain)
    elif mode == "acme_http01":
        yield from public_names(probe, domain)
    elif mode == "internal_acme":
        yield from directory(probe, answers)


def request_pending(probe: Probe) -> bool:
    """Whether a certificate is awaited for a request made here."""
    return probe.path(REQUEST).is_file() and not probe.path(CERTIFICATE).is_file()


def brought(probe: Probe, domain: str) -> Iterator[Finding]:
    """A certificate for a request: looked at when it is there, else one made here stands in."""
    if probe.path(CERTIFICATE).is_file() and probe.path(KEY).is_file():
        yield from certificate(probe, domain)
    elif probe.path(REQUEST).is_file():
        yield Finding("csr_pending", WARNING, {"path": REQUEST})
    else:
        yield Finding("csr_needed", WARNING, {"domain": domain})


def public_names(probe: Probe, domain: str) -> Iterator[Finding]:
    """The authority looks the names up and asks them on port 80."""
    own = set(probe.run(["hostname", "-I"])[1].split())
    for name in (domain, f"files.{domain}"):
        code, printed = probe.run(["getent", "ahosts", name])
        found = {line.split()[0] for line in printed.splitlines() if line.strip()}
        if code or not found:
            yield Finding("name_unresolved", WARNING, {"name": name})
        elif own and not found & own:
            yield Finding("name_elsewhere", WARNING, {"name": name, "found": ", ".join(sorted(found))})


def directory(probe: Probe, answers: Answers) -> Iterator[Finding]:
    """The institution's ACME server."""
    url = answers.get("belgenet_tls_acme_directory", "")
    if not url.startswith("https://"):
        yield Finding("acme_directory", ERROR, {"found": url})
        return
    authority = answers.get("belgenet_tls_acme_authority", "")
    if authority and not probe.path(authority).is_file():
        yield Finding("acme_authority", ERROR, {"path": authority})
        return
    if problem := probe.fetch(url, str(probe.path(authority)) if authority else ""):
        yield Finding("acme_unreachable", WARNING, {"url": url, "problem": problem})
