from sqlalchemy.orm import Session

from belgenet.accounts.interfaces import MemberFigures
from belgenet.admin.interfaces import Card, Window


def card(figures: MemberFigures, session: Session, window: Window) -> Card:
    """New members. Accounts stand below the panel and cannot register a card themselves."""
    joined = figures.joined(session, window.previous_since, window.until, window.time_zone)
    return Card.compared("members", joined, window)
