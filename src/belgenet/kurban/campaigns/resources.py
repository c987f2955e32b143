import uuid
from typing import Any

from sqlalchemy import select

from belgenet.core.traversal import Collection, Item, Node
from belgenet.kurban.campaigns.models import Campaign, CampaignOption


class CampaignNode(Item):
    """A campaign."""

    row: Campaign


class PublicCampaignsNode(Node):
    """Campaigns as donors see them, found by slug or id. A draft does not exist here."""

    def __getitem__(self, key: str) -> Node:
        try:
            where = Campaign.id == uuid.UUID(key)
        except ValueError:
            where = Campaign.slug == key
        row = self.request.db.scalar(select(Campaign).where(where, Campaign.status != "draft"))
        if row is None:
            raise KeyError(key)
        return CampaignNode(row, self)


class CampaignsNode(Collection):
    """All campaigns, drafts included; for administrators."""

    item = CampaignNode

    def find(self, key: uuid.UUID) -> Any | None:
        """See Collection."""
        return self.request.db.get(Campaign, key)


class OptionNode(Item):
    """An option of a campaign."""

    row: CampaignOption


class OptionsNode(Collection):
    """All options of all campaigns."""

    item = OptionNode

    def find(self, key: uuid.UUID) -> Any | None:
        """See Collection."""
        return self.request.db.get(CampaignOption, key)
