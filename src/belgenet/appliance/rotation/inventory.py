"""Which secrets a server has, how old they are and who reads them; never what they are."""

from dataclasses import dataclass
from typing import Final

from belgenet.appliance import recovery_key
from belgenet.appliance.rotation.journal import Age, Journal
from belgenet.appliance.rotation.kinds import kinds, readers
from belgenet.appliance.secrets import OPERATORS, beside
from belgenet.appliance.vault import Vault

ROTATES: Final = "rotates"
GIVEN: Final = "given"
KIT: Final = "kit"
FIXED: Final = "fixed"


@dataclass(frozen=True)
class Entry:
    """One secret.

    :param how: ``rotates``: ``belgenet secrets rotate`` renews it. ``given``: the institution was given it, and gives it with
        ``belgenet secrets set``. ``kit``: the recovery kit. ``fixed``: it has another command, or stays as long as the server.
    :param made: seconds since 1970; for one that is older than this bookkeeping, when its file was last written.
    :param rotated: 0: never.
    :param readers: services that are handed it.
    :param pending: whether it has two values just now.
    """

    name: str
    how: str
    made: float
    rotated: float
    readers: tuple[str, ...]
    pending: bool


def inventory(vault: Vault, journal: Journal) -> list[Entry]:
    """Every secret that is there, by name."""
    names, ages, known = vault.names(), journal.ages(), kinds()
    second = {other for name in names for other in beside(name)}
    found = []
    for name in (name for name in names if name not in second):
        age = ages.get(name, Age())
        made = age.made or (vault.folder / name).stat().st_mtime
        pending = any(other in names for other in beside(name))
        how = ROTATES if name in known else GIVEN if name in OPERATORS else KIT if name == recovery_key.NAME else FIXED
        found.append(Entry(name, how, made, age.rotated, readers(name), pending))
    return found
