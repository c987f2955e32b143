from uuid import UUID

from sqlalchemy import update
from sqlalchemy.orm import Session

from belgenet.commerce.orders.models import Order


def take_over_orders(session: Session, *, from_account: UUID, to_account: UUID) -> None:
    """A guest turned out to be a registered person: their orders move over (``AccountMerger``)."""
    moved = update(Order).where(Order.account_id == from_account)
    session.execute(moved.values(account_id=to_account, version=Order.version + 1))
    session.expire_all()
