"""Animals, their shares, and whose each share is: the stock that orders hold and buy."""

from functools import cache
from typing import Any


def includeme(config: Any) -> None:
    from belgenet.certificates.interfaces import CertificateIssuer  # noqa: PLC0415
    from belgenet.core.security import Permission  # noqa: PLC0415
    from belgenet.kurban.campaigns.interfaces import Stock  # noqa: PLC0415
    from belgenet.kurban.shares import views  # noqa: PLC0415 - Cornice services register when their module loads
    from belgenet.kurban.shares.resources import AnimalsNode  # noqa: PLC0415
    from belgenet.kurban.shares.services import certifiable, figures, sellable, stock  # noqa: PLC0415

    @cache
    def issuer() -> CertificateIssuer:
        found: CertificateIssuer = config.find_service_factory(CertificateIssuer)(None, None)
        return found

    config.register_service(stock.ShareStock(), Stock)
    config.add_sellable(sellable.KurbanShare(issuer))
    config.add_certifiable(certifiable.KurbanOrder())
    config.add_order_certificates(certifiable.order_certificates(issuer))
    config.add_dashboard_card(figures.cards, permission=Permission.CAMPAIGN_MANAGE)
    config.add_attention(figures.attention, permission=Permission.CAMPAIGN_MANAGE)
    config.add_tenant_child("animals", AnimalsNode)
    config.add_services(views)
