"""The order in which secrets are rotated. Killed at any moment, it is carried to its end by the next call."""

import time
from collections.abc import Callable, Collection, Sequence
from typing import Final, Protocol

from belgenet.appliance.rotation import values
from belgenet.appliance.rotation.journal import Journal, Progress
from belgenet.appliance.rotation.kinds import ACCESS_TOKENS, MASTER, Kind, kinds, readers
from belgenet.appliance.secrets import generated
from belgenet.appliance.vault import Vault

STEPS: Final = ("offer", "accept", "promote", "use", "reseal", "wait", "drop", "refuse")
"""Each may be taken again after it was cut short. The journal counts them, and another release may go on with it: what is new comes
into one of these."""


class Effects(Protocol):
    """What a rotation does to the server. Each may be repeated; each is over when it returns."""

    def derive(self) -> None:
        """Hand every service what the vault says now."""

    def tell_redis(self) -> None:
        """Redis accepts the passwords that the vault has now, and no others."""

    def tell_objects(self) -> None:
        """Each S3 server of ours accepts the keys that the vault has now, and no others."""

    def restart_objects(self) -> None:
        """The S3 server's parts use the keys that the vault has now."""

    def restart_minio(self) -> None:
        """MinIO, if it is in use, knows its root as the vault has it now."""

    def tell_door(self) -> None:
        """Who fetches figures is let in with the password that the vault has now, and no other."""

    def keep_masters(self) -> None:
        """Whatever is restored from now on opens what is sealed under any master key that the vault has."""

    def restart(self, services: Collection[str]) -> None:
        """Every process of these services has read its secrets anew."""

    def reseal(self) -> None:
        """Nothing in the database is sealed under an older master key. :raises Exception: something still is."""

    def lifetime(self, names: Sequence[str]) -> float:
        """Seconds for which what was made with old values of these may still be shown."""


class Waiting(Exception):  # noqa: N818 -- not an error
    """Nothing can be done before ``until``, in seconds since 1970."""

    def __init__(self, until: float) -> None:
        super().__init__(until)
        self.until = until


class Rotation:
    """Rotates secrets of one vault.

    :param told: hears the name of each step before it is taken.
    """

    def __init__(
        self,
        vault: Vault,
        journal: Journal,
        effects: Effects,
        *,
        told: Callable[[str], None] = lambda _: None,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._vault, self._journal, self._effects, self._told, self._now = vault, journal, effects, told, now

    def under_way(self) -> Progress | None:
        """What has begun and is to be finished before anything else, also what a backup brought along half done."""
        values.inherit(self._vault, self._journal)
        return self._journal.read()

    def begin(self, names: Sequence[str]) -> Progress:
        """Write down what is to be rotated; :meth:`advance` does it."""
        return self._journal.begin(names)

    def advance(self) -> list[str]:
        """Take the steps that are left; the names of the secrets that have one value again.

        :raises Waiting: what was made with old values is still good; call again then.
        """
        progress = self._journal.read()
        if progress is None:
            return []
        for number, step in enumerate(STEPS[progress.done :], progress.done + 1):
            self._told(step)
            getattr(self, f"_{step}")(progress)
            progress.done = number
            self._journal.keep(progress)
        self._journal.end(progress)
        return progress.names

    def _offer(self, progress: Progress) -> None:
        makers = generated()
        for name in progress.names:
            values.offer(self._vault, name, makers[name])

    def _accept(self, progress: Progress) -> None:
        self._tell(progress)
        self._restart(progress, Kind.RING)

    def _promote(self, progress: Progress) -> None:
        if MASTER in progress.names:
            self._effects.keep_masters()
        for name in progress.names:
            values.promote(self._vault, name)

    def _use(self, progress: Progress) -> None:
        self._effects.derive()
        if self._has(progress, Kind.SIGNING):
            self._effects.restart_objects()
        if self._has(progress, Kind.ROOT):
            self._effects.restart_minio()
        if self._has(progress, Kind.DOOR):
            self._effects.tell_door()
        self._restart(progress, Kind.RING, Kind.REDIS, Kind.OBJECTS)
        progress.used_since = self._now()

    def _reseal(self, progress: Progress) -> None:
        if MASTER in progress.names:
            self._effects.reseal()

    def _wait(self, progress: Progress) -> None:
        shown = [name for name in progress.names if name == ACCESS_TOKENS or kinds().get(name) is Kind.OBJECTS]
        until = progress.used_since + (self._effects.lifetime(shown) if shown else 0)
        if self._now() < until:
            raise Waiting(until)

    def _drop(self, progress: Progress) -> None:
        for name in progress.names:
            values.drop(self._vault, name)

    def _refuse(self, progress: Progress) -> None:
        self._tell(progress)
        self._restart(progress, Kind.RING)

    def _restart(self, progress: Progress, *wanted: Kind) -> None:
        """Who is handed secrets of these kinds."""
        known = kinds()
        who = {reader for name in progress.names if known.get(name) in wanted for reader in readers(name)}
        if who:
            self._effects.restart(who)

    def _tell(self, progress: Progress) -> None:
        self._effects.derive()
        if self._has(progress, Kind.REDIS):
            self._effects.tell_redis()
        if self._has(progress, Kind.OBJECTS):
            self._effects.tell_objects()

    @staticmethod
    def _has(progress: Progress, *wanted: Kind) -> bool:
        known = kinds()
        return any(known.get(name) in wanted for name in progress.names)
