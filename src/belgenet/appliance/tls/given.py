"""Certificates that people bring: a request for their authority, and taking in what it signed."""

from belgenet.appliance.tls import chain as chains
from belgenet.appliance.tls import files, make, names
from belgenet.appliance.tls.examine import Finding
from belgenet.appliance.tls.layout import GIVEN
from belgenet.appliance.tls.pairs import Pair
from belgenet.appliance.tls.pem import Key, PemError, certificates, private_key, text_of_key
from belgenet.appliance.tls.server import Server, TlsError, errors, refuse


def request(server: Server, *, organisation: str = "", new_key: bool = False) -> str:
    """A certificate signing request with every name and the wildcard. Its key stays here, apart from the one in use; asked again,
    the same key signs, unless ``new_key`` is wanted.
    """
    folder = server.layout.pending
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    key_file = folder / "server.key"
    if new_key or not key_file.exists():
        files.write(key_file, text_of_key(make.new_key()))
    wanted = names.for_wildcard(server.settings.domain, server.tenants() or [])
    try:
        csr = make.request(private_key(key_file.read_text()), wanted, organisation=organisation)
    except PemError:
        raise refuse("pending_unreadable", path=str(key_file)) from None
    files.write(folder / "request.csr", csr, 0o644)
    return csr


def install(server: Server, certificate: str, *, chain: str = "", key: str = "") -> list[Finding]:
    """Take a certificate into use; what is not quite right about it comes back.

    :param certificate: PEM, alone or with its chain in any order.
    :param chain: further certificates of the chain.
    :param key: its key; empty: that of the request, or the one in use when the certificate belongs to it.
    :raises TlsError: with every reason why not; the certificate in use stays.
    """
    if server.settings.mode not in GIVEN:
        raise refuse("mode_asks_itself", mode=server.settings.mode)
    pair = _matched(server, f"{certificate}\n{chain}", _keys(server, key))
    findings = take(server, pair)
    for file in ("server.key", "request.csr"):
        if not key:
            (server.layout.pending / file).unlink(missing_ok=True)
    server.refresh(server.state())
    return findings


def take(server: Server, pair: Pair, *, forgive: str = "") -> list[Finding]:
    """Look at a pair, and use it when nothing stands against it.

    :param forgive: code of an error that is none here.
    :raises TlsError: with every reason.
    """
    findings = server.look(pair, server.hosts(server.state()))
    if bad := [finding for finding in errors(findings) if finding.code != forgive]:
        raise TlsError(bad)
    server.use(pair)
    return findings


def adopt(server: Server) -> bool:
    """Take in what somebody put at the place of Nginx's two files; False when there is nothing.

    :raises TlsError: it must not be shown.
    """
    loose = server.pairs.loose()
    if loose is None:
        return False
    # An authority that signs without an intermediate is trusted only later, when the operator has said so.
    take(server, _matched(server, loose[0], [_readable(loose[1])]), forgive="intermediate_missing")
    return True


def _keys(server: Server, given: str) -> list[Key]:
    if given:
        return [_readable(given)]
    pending = server.layout.pending / "server.key"
    known = [_readable(pending.read_text())] if pending.exists() else []
    live = server.pairs.live()
    return [*known, live.key] if live is not None else known


def _readable(text: str) -> Key:
    try:
        return private_key(text)
    except PemError as error:
        raise refuse(error.code) from None


def _matched(server: Server, text: str, keys: list[Key]) -> Pair:
    try:
        found = certificates(text)
    except PemError as error:
        raise refuse(error.code) from None
    for key in keys:
        if (first := chains.leaf(found, key)) is not None:
            return Pair(chains.ordered(first, found), key, server.settings.mode)
    raise refuse("key_other", subject=found[0].subject.rfc4514_string())
