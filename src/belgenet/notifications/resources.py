from belgenet.core.traversal import Node


class MailsNode(Node):
    """The tenant's outgoing mail."""


class SmsMessagesNode(Node):
    """The tenant's outgoing SMS."""
