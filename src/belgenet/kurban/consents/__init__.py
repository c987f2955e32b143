"""Vekâlet: the words, version by version, and who agreed to them."""

from typing import Any


def includeme(config: Any) -> None:
    from belgenet.kurban.consents import views  # noqa: PLC0415 - Cornice services register when their module loads
    from belgenet.kurban.consents.resources import ConsentTextsNode  # noqa: PLC0415

    config.add_tenant_child("consent-texts", ConsentTextsNode)
    config.add_services(views)
