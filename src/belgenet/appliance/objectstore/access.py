"""As whom this server's own commands speak to an S3 server."""

import sys

from belgenet.appliance.objectstore.conformance import Subject
from belgenet.appliance.objectstore.place import Keys, Place, PlaceError
from belgenet.appliance.secrets import STORING
from belgenet.appliance.vault import Vault


class KeyRing:
    """Keys from the vault, for a place.

    :param vault: the installation's secrets.
    """

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def of_service(self, place: Place, service: str = "web") -> Keys:
        """What a service has. :raises PlaceError: the keys of an institution's own server were not given yet."""
        if place.local:
            return Keys.of(self._known(f"objects.{service}"))
        return Keys(self._known("storage.access_key"), self._known("storage.secret_key"))

    def of_keeper(self, place: Place) -> Keys:
        """What may read and write every object."""
        return self.of_service(place, "console")

    def of_maker(self, place: Place) -> Keys | None:
        """What may make buckets; None: nobody we know."""
        who = {"seaweedfs": "console", "minio": "root"}.get(place.backend)
        return Keys.of(self._known(f"objects.{who}")) if who else None

    def of_services(self) -> dict[str, list[Keys]]:
        """Every storing service's keys: one, or two while they are rotated."""
        names = ("", ".next", ".old")
        return {
            service: [
                Keys.of(text)
                for suffix in names
                if (text := self._vault.read(f"objects.{service}{suffix}")) is not None
            ]
            for service in STORING
        }

    def subject(self, place: Place) -> Subject:
        """The place, to be asked whether it keeps the contract."""
        return Subject(place, self.of_service(place), self.of_maker(place))

    def _known(self, name: str) -> str:
        text = self._vault.read(name)
        if not text:
            raise PlaceError("no_keys", name=name, program=sys.argv[0])
        return text
