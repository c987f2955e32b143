import uuid
from collections.abc import Iterable, Mapping

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from belgenet.kurban.campaigns.interfaces import StockLevel
from belgenet.kurban.shares.models import AnimalShare


class ShareStock:
    """Stock over the ``animal_shares`` rows."""

    def levels(self, session: Session, option_ids: Iterable[uuid.UUID]) -> Mapping[uuid.UUID, StockLevel]:
        """See Stock."""
        free = func.count().filter(AnimalShare.state == "free")
        taken = func.count(AnimalShare.order_line_id)
        sold = func.count().filter(AnimalShare.state == "sold")
        counted = (
            select(AnimalShare.option_id, free, taken, sold, func.count(AnimalShare.animal_id.distinct()))
            .where(AnimalShare.option_id.in_(list(option_ids)))
            .group_by(AnimalShare.option_id)
        )
        rows = session.execute(counted)
        return {key: StockLevel(free=f, taken=t, sold=s, animals=a) for key, f, t, s, a in rows}


def free_shares(session: Session, option_id: uuid.UUID) -> int:
    """How many shares of an option nobody holds."""
    counted = select(func.count()).where(AnimalShare.option_id == option_id, AnimalShare.state == "free")
    return session.scalars(counted).one()
