"""Nginx always has a certificate to start with, whatever the mode."""

from datetime import timedelta
from typing import Final

from belgenet.appliance.tls import given, names
from belgenet.appliance.tls.examine import dns_names
from belgenet.appliance.tls.pairs import Pair
from belgenet.appliance.tls.server import Server, refuse

_EARLY: Final = timedelta(days=30)


def needed(server: Server) -> str:
    """What ``ensure`` would do: ``adopt``, ``make`` or nothing."""
    if server.pairs.loose() is not None:
        return "adopt"
    pair = server.pairs.live()
    if pair is None or not server.pairs.linked():
        return "make" if server.settings.mode != "provided" or pair is not None else "missing"
    return "make" if server.settings.mode == "self_signed" and _stale(server, pair) else ""


def ensure(server: Server) -> bool:
    """Have a pair in use: what the operator put there, else one made here that stands in until the right one comes.

    :returns: whether something was changed.
    :raises TlsError: in mode ``provided`` nothing was provided, or what was must not be shown.
    """
    step = needed(server)
    if step == "missing":
        raise refuse("certificate_missing", path=str(server.layout.folder / "server.pem"))
    if step == "adopt":
        given.adopt(server)
    if step == "make":
        server.use_self_signed()
    if step:
        server.refresh(server.state())
    return bool(step)


def _stale(server: Server, pair: Pair) -> bool:
    own = pair.chain[0]
    if pair.origin != "self_signed" or own.not_valid_after_utc - server.now() < _EARLY:
        return True
    return bool(names.uncovered(dns_names(own), names.for_wildcard(server.settings.domain, server.tenants() or [])))
