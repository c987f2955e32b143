import uuid
from typing import Any

from belgenet.core.traversal import Collection, Item
from belgenet.kurban.shares.models import Animal


class AnimalNode(Item):
    """An animal."""

    row: Animal


class AnimalsNode(Collection):
    """All animals of all campaigns."""

    item = AnimalNode

    def find(self, key: uuid.UUID) -> Any | None:
        """See Collection."""
        return self.request.db.get(Animal, key)
