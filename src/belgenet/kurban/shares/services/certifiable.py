"""What a qurban certificate says: one for each order, with all of its shares."""

import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import tzinfo
from typing import Any, Final

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from belgenet.certificates.interfaces import CertificateFacts, CertificateIssuer, Fact, IssueRequest, Line
from belgenet.commerce.orders.interfaces import CertificateRef, Order, OrderCertificates, OrderLine
from belgenet.core.i18n import translate
from belgenet.core.i18n.dates import long_day, long_moment
from belgenet.kurban.campaigns.models import Campaign
from belgenet.kurban.campaigns.schemas import pick
from belgenet.kurban.consents.models import Consent
from belgenet.kurban.consents.services import of_order
from belgenet.kurban.shares.models import Animal, AnimalShare, ShareParticipant

KIND: Final = "kurban_order"


class KurbanOrder:
    """Certifiable: a paid order of shares."""

    kind = KIND

    def facts(self, session: Session, subject_id: uuid.UUID, locale: str, zone: tzinfo) -> CertificateFacts:
        """See Certifiable. ``subject_id`` is the order."""
        order = session.get_one(Order, subject_id)
        campaigns = _campaigns(session, subject_id)
        consents = of_order(session, subject_id)
        titles = ", ".join(dict.fromkeys(pick(campaign.title, locale) for campaign in campaigns))
        facts = [Fact(_text(locale, "order"), order.number)]
        for campaign in campaigns:
            facts += _campaign_facts(campaign, locale)
        return CertificateFacts(
            title=titles,
            summary=_text(locale, "summary"),
            facts=(*facts, *_consent_facts(consents, locale, zone)),
            lines=tuple(_lines(session, subject_id, locale)),
        )

    def earned_by_order(self, session: Session, order_id: uuid.UUID) -> Sequence[IssueRequest]:
        """See Certifiable: the order's certificate once its shares are sold."""
        order = session.get(Order, order_id)
        sold = _sold(order_id).limit(1)
        if order is None or session.execute(sold).first() is None:
            return []
        return [certificate_of(order)]


def order_certificates(issuer: Callable[[], CertificateIssuer]) -> OrderCertificates:
    """The finder that lets an order show its certificates, of whatever kind."""

    def find(session: Session, order_ids: Sequence[uuid.UUID]) -> Mapping[uuid.UUID, Sequence[CertificateRef]]:
        found = issuer().of_orders(session, order_ids)
        return {
            order: [CertificateRef(id=item.id, status=item.state, code=item.code) for item in items]
            for order, items in found.items()
        }

    return find


def _sold(order_id: uuid.UUID) -> Select[ShareParticipant, AnimalShare, Animal]:
    return (
        select(ShareParticipant, AnimalShare, Animal)
        .join(OrderLine, OrderLine.id == ShareParticipant.order_line_id)
        .join(AnimalShare, AnimalShare.id == ShareParticipant.share_id)
        .join(Animal, Animal.id == AnimalShare.animal_id)
        .where(OrderLine.order_id == order_id, AnimalShare.state == "sold")
        .order_by(OrderLine.position, ShareParticipant.position)
    )


def _campaigns(session: Session, order_id: uuid.UUID) -> Sequence[Campaign]:
    ids = select(Animal.campaign_id).join(AnimalShare, AnimalShare.animal_id == Animal.id)
    mine = ids.join(OrderLine, OrderLine.id == AnimalShare.order_line_id)
    mine = mine.where(OrderLine.order_id == order_id, AnimalShare.state == "sold")
    return session.scalars(select(Campaign).where(Campaign.id.in_(mine)).order_by(Campaign.id)).all()


def _campaign_facts(campaign: Campaign, locale: str) -> list[Fact]:
    facts = [Fact(_text(locale, "kind"), translate(locale, f"kurban.kind.{campaign.kind}"))]
    if region := pick(campaign.region, locale):
        facts.append(Fact(_text(locale, "region"), region))
    return [*facts, Fact(_text(locale, "slaughter_date"), long_day(campaign.slaughter_date, locale))]


def _consent_facts(consents: Sequence[Consent], locale: str, zone: tzinfo) -> list[Fact]:
    if not consents:
        return []
    first = consents[0]
    words = _text(locale, "consent_version", version=first.text_version, language=first.locale.upper())
    return [
        Fact(_text(locale, "consent"), words),
        Fact(_text(locale, "consent_hash"), first.sha256),
        Fact(_text(locale, "consent_given"), long_moment(first.given_at, locale, zone)),
    ]


def _lines(session: Session, order_id: uuid.UUID, locale: str) -> list[Line]:
    return [
        Line(who.full_name, _share_text(who, share, animal, locale))
        for who, share, animal in session.execute(_sold(order_id))
    ]


def _share_text(who: ShareParticipant, share: AnimalShare, animal: Animal, locale: str) -> str:
    key = f"share_{animal.animal_class}"
    intention = translate(locale, f"kurban.kind.{who.intention}")
    return f"{_text(locale, key, code=animal.code, number=share.share_no)} · {intention}"


def _text(locale: str, key: str, **params: Any) -> str:
    return translate(locale, f"kurban.certificate.{key}", **params)


def certificate_of(order: Order) -> IssueRequest:
    """The one certificate an order of shares earns."""
    return IssueRequest(
        kind=KIND,
        subject_id=order.id,
        owner_id=order.account_id,
        recipient=order.contact_name,
        email=order.contact_email,
        locale=order.locale,
        order_id=order.id,
        phone=order.contact_phone,
    )
