import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class StockLevel:
    """Shares and animals of one option. ``taken`` counts held, sold and refunded shares."""

    free: int = 0
    taken: int = 0
    sold: int = 0
    animals: int = 0


class Stock(Protocol):
    """What is left to give; implemented by ``kurban.shares``."""

    def levels(self, session: Session, option_ids: Iterable[uuid.UUID]) -> Mapping[uuid.UUID, StockLevel]:
        """One query for all; an option without animals is absent."""
