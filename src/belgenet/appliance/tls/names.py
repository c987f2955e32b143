"""Host names this server answers to."""

import json
import re
from collections.abc import Callable, Iterable
from typing import Final

from belgenet.appliance.run import CommandError, run

_COMMAND: Final = ("/usr/local/sbin/belgenet", "tenant", "hosts")
_HOST: Final = re.compile(r"(?=.{1,253}$)[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63})+")


def of_tenants(ask: Callable[[tuple[str, ...]], str] = run) -> list[str] | None:
    """Host names of all tenants, asked of the database by the user who may; None when it does not answer.

    The database can be away while certificates run out: what is known then stays.
    """
    try:
        found = json.loads(ask(_COMMAND))
    except (CommandError, ValueError):
        return None
    return sorted({name for name in found if _HOST.fullmatch(name)})


def own(domain: str) -> list[str]:
    """Names that need no tenant: the institution's console and its files."""
    return [domain, f"files.{domain}"]


def for_wildcard(domain: str, tenants: Iterable[str]) -> list[str]:
    """What one certificate with a wildcard says; tenants' own domains are added by name."""
    return [domain, f"*.{domain}", *(name for name in tenants if not matches(f"*.{domain}", name))]


def every(domain: str, tenants: Iterable[str]) -> list[str]:
    """All names one by one: a question over HTTP proves no wildcard."""
    return list(dict.fromkeys([*own(domain), *tenants]))


def matches(pattern: str, host: str) -> bool:
    """Whether a name of a certificate covers a host; a star stands for one label."""
    if pattern.startswith("*."):
        label, _, rest = host.partition(".")
        return bool(label) and rest.lower() == pattern[2:].lower()
    return pattern.lower() == host.lower()


def uncovered(patterns: Iterable[str], hosts: Iterable[str]) -> list[str]:
    """Hosts that none of a certificate's names covers."""
    known = list(patterns)
    return [host for host in hosts if not any(matches(pattern, host) for pattern in known)]
