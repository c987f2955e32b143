"""Animals, their shares, and whose each share is: the stock that orders hold and buy."""

from typing import Any


def includeme(config: Any) -> None:
    from belgenet.certificates.interfaces import CertificateIssuer  # noqa: PLC0415
    from belgenet.kurban.campaigns.interfaces import Stock  # noqa: PLC0415
    from belgenet.kurban.shares import views  # noqa: PLC0415 - Cornice services register when their module loads
    from belgenet.kurban.shares.resources import AnimalsNode  # noqa: PLC0415
    from belgenet.kurban.shares.services import certifiable, sellable, stock  # noqa: PLC0415

    def issuer() -> CertificateIssuer:
        found: CertificateIssuer = config.find_service_factory(CertificateIssuer)(None, None)
        return found

    config.register_service(stock.ShareStock(), Stock)
    config.add_sellable(sellable.KurbanShare(issuer))
    config.add_certifiable(certifiable.KurbanOrder())
    config.add_order_certificates(certifiable.order_certificates(issuer))
    config.add_tenant_child("animals", AnimalsNode)
    config.add_services(views)
