"""A certificate that the institution brings, looked at with the openssl program."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime

from checks.probe import ERROR, WARNING, Finding, Probe

CERTIFICATE = "/etc/belgenet/tls/server.pem"
KEY = "/etc/belgenet/tls/server.key"
SOON_DAYS = 21
DAY = 86_400


def moment(printed: str, name: str) -> float | None:
    """Seconds since 1970 of ``notAfter=Nov 22 11:00:00 2026 GMT``."""
    match = re.search(rf"^{name}=(.+) GMT$", printed, re.MULTILINE)
    if not match:
        return None
    # Days below ten have two blanks before them, strptime takes both.
    return datetime.strptime(match[1], "%b %d %H:%M:%S %Y").replace(tzinfo=UTC).timestamp()


def validity(probe: Probe, printed: str) -> Iterator[Finding]:
    """Valid now, and for a while."""
    start, end = moment(printed, "notBefore"), moment(printed, "notAfter")
    if start is not None and start > probe.now():
        yield Finding(
            "certificate_early", ERROR, {"path": CERTIFICATE, "date": f"{datetime.fromtimestamp(start, UTC):%Y-%m-%d}"}
        )
    if end is None:
        return
    values = {"path": CERTIFICATE, "date": f"{datetime.fromtimestamp(end, UTC):%Y-%m-%d}"}
    if end <= probe.now():
        yield Finding("certificate_expired", ERROR, values)
    elif end < probe.now() + SOON_DAYS * DAY:
        yield Finding("certificate_expires", WARNING, values)


def names(probe: Probe, path: str, domain: str) -> Iterator[Finding]:
    """For the domain, and for its tenants, who answer one level below it."""

    def covers(host: str) -> bool:
        return "does match" in probe.run(["openssl", "x509", "-in", path, "-noout", "-checkhost", host])[1]

    if not covers(domain):
        yield Finding("certificate_name", ERROR, {"path": CERTIFICATE, "domain": domain})
    if not covers(f"tenant-of.{domain}"):
        yield Finding("certificate_tenants", WARNING, {"path": CERTIFICATE, "domain": domain})


def chain(probe: Probe, path: str) -> Iterator[Finding]:
    """Up to an authority that this server knows."""
    code, printed = probe.run(["openssl", "verify", "-no_check_time", "-untrusted", path, path])
    if code:
        match = re.search(r"error \d+ at \d+ depth lookup: ?(.+)", printed)
        yield Finding(
            "certificate_chain", WARNING, {"path": CERTIFICATE, "problem": match[1] if match else printed.strip()[:200]}
        )


def certificate(probe: Probe, domain: str) -> Iterator[Finding]:
    """Everything about the two files."""
    absent = [name for name in (CERTIFICATE, KEY) if not probe.path(name).is_file()]
    for name in absent:
        yield Finding("certificate_missing", ERROR, {"path": name})
    if absent:
        return
    path, key = str(probe.path(CERTIFICATE)), str(probe.path(KEY))
    code, printed = probe.run(["openssl", "x509", "-in", path, "-noout", "-dates"])
    if code == 127:  # noqa: PLR2004 - the shell's word for "no such program"
        yield Finding("openssl_missing", WARNING, {"path": CERTIFICATE})
        return
    if code:
        yield Finding("certificate_unreadable", ERROR, {"path": CERTIFICATE})
        return
    yield from validity(probe, printed)
    yield from names(probe, path, domain)
    yield from chain(probe, path)
    public = probe.run(["openssl", "x509", "-in", path, "-noout", "-pubkey"])[1]
    code, of_key = probe.run(["openssl", "pkey", "-in", key, "-pubout", "-passin", "pass:"])
    if code:
        yield Finding("key_unreadable", ERROR, {"path": KEY})
    elif public.strip() != of_key.strip():
        yield Finding("key_other", ERROR, {"path": KEY, "certificate": CERTIFICATE})
