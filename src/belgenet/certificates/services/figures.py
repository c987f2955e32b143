"""What the panel's first page tells about certificates."""

from collections.abc import Sequence

from sqlalchemy import Date, cast, func, select, text
from sqlalchemy.orm import Session

from belgenet.admin.interfaces import Attention, Card, Window
from belgenet.certificates.interfaces import CertificateState
from belgenet.certificates.models import Certificate


def cards(session: Session, window: Window) -> Sequence[Card]:
    """Certificates made, by day of the tenant's calendar; one query."""
    day = cast(func.timezone(window.time_zone, Certificate.ready_at), Date)
    made = (
        select(day, func.count())
        .where(Certificate.ready_at >= window.previous_since, Certificate.ready_at < window.until)
        # By position: the expression's parameter would be sent twice, and PostgreSQL could not tell they are one.
        .group_by(text("1"))
    )
    return [Card.compared("certificates", {row[0]: row[1] for row in session.execute(made)}, window)]


def attention(session: Session) -> Sequence[Attention]:
    """Certificates that could not be made: current ones, and those that were to take a valid one's place."""
    failed = select(func.count()).where(Certificate.state == CertificateState.FAILED)
    count = session.scalar(failed) or 0
    return [Attention("certificates_failed", count, "/admin/certificates?status=FAILED")]
