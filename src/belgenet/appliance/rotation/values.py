"""The two values of a secret that is being rotated, in the vault.

The value in use stands under the secret's own name, the one that comes under ``<name>.next``, the one that goes under
``<name>.old``. Each function writes first and removes last, so that doing it again after being killed in between ends the same way
and no value is ever lost that somebody may still need.
"""

from collections.abc import Iterable

from belgenet.appliance.rotation.journal import Journal
from belgenet.appliance.rotation.kinds import Made, kinds
from belgenet.appliance.secrets import beside
from belgenet.appliance.vault import Vault


def offer(vault: Vault, name: str, make: Made) -> None:
    """A new value stands beside the one in use; harmless when there is one, or when an earlier rotation left the last one's."""
    if not pending(vault, [name]):
        vault.write(beside(name)[0], make())


def promote(vault: Vault, name: str) -> None:
    """The new value is the one in use."""
    coming, going = beside(name)
    new, used = vault.read(coming), vault.read(name)
    if new is None or used is None:
        return
    if new != used:
        vault.write(going, used)
        vault.write(name, new)
    vault.remove(coming)


def drop(vault: Vault, name: str) -> None:
    """Only the value in use is left."""
    vault.remove(beside(name)[1])


def pending(vault: Vault, names: Iterable[str]) -> list[str]:
    """Those of which the vault holds a second value."""
    there = set(vault.names())
    return [name for name in names if there & set(beside(name))]


def inherit(vault: Vault, journal: Journal) -> None:
    """Second values that no journal speaks of are a rotation that has begun; harmless when there are none.

    They came with a backup that was made while a rotation waited or lay there cut short, by this release or an older one. Whatever
    it had done, it is finished from its first step, as each may be taken again: what comes is used, then what goes is dropped, and
    a master key that goes only when nothing in the database is sealed under it.
    """
    if journal.read() is None and (names := pending(vault, kinds())):
        journal.begin(names, inherited=True)
