"""DNS: whether the site's names lead somewhere."""

import socket
from collections.abc import Iterator

from belgenet.appliance.doctor.finding import Finding, warning
from belgenet.appliance.doctor.system import System

_HOSTS = "select slug, domain from public.tenants where suspended_at is null order by slug"


def hosts(system: System) -> list[str]:
    """Every name at which somebody answers: the base domain, its files, each open tenant's."""
    rows = system.sql(_HOSTS)
    own = [row["domain"] for row in rows if row["domain"]]
    return [system.domain, f"files.{system.domain}", *(f"{row['slug']}.{system.domain}" for row in rows), *own]


def names(system: System) -> Iterator[Finding]:
    """Every name can be found from this server. Where it leads is not judged: a proxy or a private network may stand before it."""
    for host in hosts(system):
        try:
            socket.getaddrinfo(host, 443, type=socket.SOCK_STREAM)
        except socket.gaierror as failure:
            yield warning("name_unknown", host, reason=failure.strerror or str(failure))
