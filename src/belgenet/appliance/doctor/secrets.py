"""The server's secrets can be opened."""

from collections.abc import Iterator

from belgenet.appliance.doctor.finding import Finding, error
from belgenet.appliance.doctor.system import System
from belgenet.appliance.secrets import generated
from belgenet.appliance.vault import VaultError


def sealed(system: System) -> Iterator[Finding]:
    """Each opens on this machine, and none is missing."""
    vault = system.vault
    names = vault.names()
    if missing := sorted(set(generated()) - set(names)):
        yield error("secrets_missing", names=", ".join(missing))
    shut = []
    reason = ""
    for name in names:
        try:
            vault.read(name)
        except VaultError as failure:
            shut.append(name)
            reason = str(failure)
    if shut:
        yield error("secrets_sealed", names=", ".join(shut), reason=reason)
