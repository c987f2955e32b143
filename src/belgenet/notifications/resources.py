from uuid import UUID

from belgenet.core.traversal import Collection, Item, Node
from belgenet.notifications.models import SmsMessage


class MailsNode(Node):
    """The tenant's outgoing mail."""


class SmsMessageNode(Item):
    """One SMS."""


class SmsMessagesNode(Collection):
    """The tenant's outgoing SMS, by id."""

    item = SmsMessageNode

    def find(self, key: UUID) -> SmsMessage | None:
        """See Collection."""
        found: SmsMessage | None = self.request.db.get(SmsMessage, key)
        return found
