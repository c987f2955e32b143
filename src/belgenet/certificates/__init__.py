"""Certificates: made when something was earned, sealed with the tenant's key, verifiable by anyone."""

from typing import Any

from belgenet.certificates.interfaces import Certifiable, CertificateState


def includeme(config: Any) -> None:
    """Set up the domain: services, places in the tree, operations, background work."""
    from belgenet.certificates import tasks  # noqa: PLC0415
    from belgenet.certificates.interfaces import CertifiableRegistry, CertificateIssuer  # noqa: PLC0415
    from belgenet.certificates.resources import CertificatesNode, TemplatesNode  # noqa: PLC0415
    from belgenet.certificates.services import figures  # noqa: PLC0415
    from belgenet.certificates.services.issue import DatabaseCertificateIssuer, move_to_account  # noqa: PLC0415
    from belgenet.certificates.views import certificates, templates  # noqa: PLC0415
    from belgenet.core.security import Permission  # noqa: PLC0415

    config.registry["belgenet.certifiables"] = CertifiableRegistry()
    config.add_directive("add_certifiable", _add_certifiable)
    config.register_service(DatabaseCertificateIssuer(), CertificateIssuer)
    _register_tools(config)
    config.add_account_merger(move_to_account)
    config.add_tenant_child("certificates", CertificatesNode)
    config.add_tenant_child("certificate-templates", TemplatesNode)
    config.add_services(certificates)
    config.add_services(templates)
    config.add_dashboard_card(figures.cards, permission=Permission.CERTIFICATE_MANAGE)
    config.add_attention(figures.attention, permission=Permission.CERTIFICATE_MANAGE)
    config.add_consumer(tasks.generate)
    config.add_periodic("certificates.keys", 3600, tasks.maintain_keys, suspended="serve")


def _register_tools(config: Any) -> None:
    from belgenet.core.pdf import IsolatedTemplateRenderer, PdfRenderer  # noqa: PLC0415
    from belgenet.core.signing.secretbox import SecretBox  # noqa: PLC0415

    if "belgenet.master_keys" in config.registry:  # beat and relay seal nothing
        config.register_service(SecretBox(config.registry["belgenet.master_keys"]), SecretBox)
    config.register_service(IsolatedTemplateRenderer(), IsolatedTemplateRenderer)
    config.register_service_factory(_renderer, PdfRenderer)


def _renderer(_context: Any, request: Any) -> Any:
    """One renderer per process, made when the first certificate is: WeasyPrint takes 0.8 s to import."""
    if "belgenet.pdf_renderer" not in request.registry:
        from belgenet.core.pdf.weasy import WeasyPdfRenderer  # noqa: PLC0415

        request.registry["belgenet.pdf_renderer"] = WeasyPdfRenderer()
    return request.registry["belgenet.pdf_renderer"]


def _add_certifiable(config: Any, certifiable: Certifiable) -> None:
    from belgenet.core.observability.metrics import CERTIFICATE_SECONDS, CERTIFICATES, seed  # noqa: PLC0415

    seed(CERTIFICATES, kind=(certifiable.kind,), state=CertificateState)
    seed(CERTIFICATE_SECONDS, kind=(certifiable.kind,))
    config.registry["belgenet.certifiables"].add(certifiable)
