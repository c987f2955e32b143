from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from sqlalchemy.orm import Session

from belgenet.admin.interfaces import Attention, AttentionProvider, Card, CardProvider, Window
from belgenet.admin.schemas import CardOut, Point
from belgenet.core.money import MoneyOut
from belgenet.core.security import Permission

CARDS: Final = "belgenet.dashboard_cards"
ATTENTION: Final = "belgenet.dashboard_attention"
P = TypeVar("P", CardProvider, AttentionProvider)


@dataclass(frozen=True, slots=True)
class Registered:
    """A provider and the permission without which nobody sees what it provides."""

    provider: CardProvider
    permission: Permission


@dataclass(frozen=True, slots=True)
class RegisteredAttention:
    """As :class:`Registered`."""

    provider: AttentionProvider
    permission: Permission


def cards(
    session: Session, providers: Iterable[Registered], permissions: frozenset[Permission], window: Window
) -> list[Card]:
    """All cards the reader may see, in the order the domains registered."""
    seen = (item.provider for item in providers if item.permission in permissions)
    return [card for provider in seen for card in provider(session, window)]


def attention(
    session: Session, providers: Iterable[RegisteredAttention], permissions: frozenset[Permission]
) -> Sequence[Attention]:
    """What waits for this reader."""
    seen = (item.provider for item in providers if item.permission in permissions)
    return [found for provider in seen for found in provider(session) if found.count]


def card_out(card: Card, window: Window, title: str) -> CardOut:
    """A card with a point for each day, also for days without anything."""
    points = [(day, card.series.get(day, 0)) for day in window.dates] if card.series else []
    if card.currency is None:
        series = [Point(date=day, value=amount) for day, amount in points]
        return CardOut(key=card.key, title=title, value=card.amount, change_percent=change(card), series=series)
    series = [Point(date=day, money=MoneyOut.of(amount, card.currency)) for day, amount in points]
    money = MoneyOut.of(card.amount, card.currency)
    return CardOut(key=card.key, title=title, money=money, change_percent=change(card), series=series)


def change(card: Card) -> float | None:
    """By how many per cent the figure differs from the stretch before, to one place."""
    if not card.previous:
        return None
    return round((card.amount - card.previous) * 100 / card.previous, 1)
