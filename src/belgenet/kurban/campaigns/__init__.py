"""Campaigns and what can be chosen in them."""

from typing import Any


def includeme(config: Any) -> None:
    from belgenet.kurban.campaigns import admin_views, views  # noqa: PLC0415 - Cornice services register when loaded
    from belgenet.kurban.campaigns.resources import CampaignsNode, OptionsNode, PublicCampaignsNode  # noqa: PLC0415

    config.add_tenant_child("campaigns", PublicCampaignsNode)
    config.add_tenant_child("admin-campaigns", CampaignsNode)
    config.add_tenant_child("campaign-options", OptionsNode)
    config.add_services(views)
    config.add_services(admin_views)
