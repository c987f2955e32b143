"""Shares as something an order line can be: kind ``kurban_share``, ``ref`` the campaign option's id."""

import uuid
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session

from belgenet.certificates.interfaces import CertificateIssuer, RevocationReason
from belgenet.commerce.orders.interfaces import LineState, Order, OrderLine, OrderOwner, Quote
from belgenet.core.web.errors import ErrorCode, FieldProblem, Problem
from belgenet.core.web.schema import check_json
from belgenet.kurban.campaigns.models import Campaign, CampaignOption
from belgenet.kurban.campaigns.schemas import pick
from belgenet.kurban.consents.services import require_current
from belgenet.kurban.shares.schemas import ShareDetails
from belgenet.kurban.shares.services import lines
from belgenet.kurban.shares.services.certifiable import KIND, certificate_of

USER_AGENT_LENGTH = 400


class KurbanShare:
    """Sellable: shares of a campaign option."""

    kind = "kurban_share"

    def __init__(self, issuer: Callable[[], CertificateIssuer]) -> None:
        self._issuer = issuer

    def quote(self, session: Session, ref: str, quantity: int, details: Mapping[str, Any], owner: OrderOwner) -> Quote:
        """See Sellable.

        :raises Problem: ``sellable_not_found``, ``not_for_sale``, ``campaign_closed``, ``participants_mismatch``,
            ``consent_required``, ``consent_outdated``.
        """
        option, campaign = self._find(session, ref)
        given = check_json(ShareDetails, orjson.dumps(dict(details)))
        if len(given.participants) != quantity:
            finding = FieldProblem("details.participants", "participants_mismatch", {"quantity": quantity})
            raise Problem(ErrorCode.PARTICIPANTS_MISMATCH, 400, params={"quantity": quantity}, fields=[finding])
        if not given.consent.accepted:
            raise Problem(ErrorCode.CONSENT_REQUIRED, 400)
        text = require_current(session, given.consent.text_id, given.consent.sha256)
        consent = {
            "text_id": str(text.id),
            "version": text.version,
            "locale": text.locale,
            "sha256": text.sha256,
            "user_agent": (owner.user_agent or "")[:USER_AGENT_LENGTH] or None,
        }
        return Quote(
            title=f"{pick(campaign.title, owner.locale)} – {pick(option.title, owner.locale)}",
            unit_price_minor=option.price_minor,
            currency=option.currency,
            revenue_account=f"donations_restricted:{campaign.id}",
            category="donation",
            certificate_follows=True,
            details={
                "campaign_id": str(campaign.id),
                "participants": [who.model_dump() for who in given.participants],
                "consent": consent,
            },
        )

    def hold(self, session: Session, order: Order, line: OrderLine, until: datetime) -> None:  # noqa: ARG002
        """See Sellable. The end of the hold is the order's; shares carry no clock of their own."""
        lines.hold(session, order, line)

    def release(self, session: Session, order: Order, line: OrderLine) -> None:  # noqa: ARG002
        """See Sellable."""
        lines.release(session, line)

    def fulfil(self, session: Session, order: Order, line: OrderLine) -> None:
        """See Sellable. One certificate for the order, however many lines of shares it has."""
        lines.fulfil(session, line)
        self._issuer().request_issue(session, certificate_of(order))

    def revoke(self, session: Session, order: Order, line: OrderLine) -> None:
        """See Sellable. The certificate of what is left of the order takes the place of the one for all of it."""
        lines.revoke(session, line)
        if self._any_left(session, order):
            self._issuer().replace(session, KIND, order.id)
        else:
            self._issuer().revoke(session, KIND, order.id, RevocationReason.REFUNDED)

    def _any_left(self, session: Session, order: Order) -> bool:
        left = select(OrderLine.id).where(
            OrderLine.order_id == order.id, OrderLine.kind == self.kind, OrderLine.state == LineState.FULFILLED
        )
        return session.scalars(left.limit(1)).first() is not None

    def _find(self, session: Session, ref: str) -> tuple[CampaignOption, Campaign]:
        try:
            option_id = uuid.UUID(ref)
        except ValueError:
            raise Problem(ErrorCode.SELLABLE_NOT_FOUND, 404) from None
        found = session.execute(
            select(CampaignOption, Campaign)
            .join(Campaign, Campaign.id == CampaignOption.campaign_id)
            .where(CampaignOption.id == option_id, Campaign.status != "draft")
        ).first()
        if found is None:
            raise Problem(ErrorCode.SELLABLE_NOT_FOUND, 404)
        option, campaign = found
        if not campaign.is_open:
            raise Problem(ErrorCode.CAMPAIGN_CLOSED, 409)
        if not option.active:
            raise Problem(ErrorCode.NOT_FOR_SALE, 409)
        return option, campaign
