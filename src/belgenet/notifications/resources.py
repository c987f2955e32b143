from belgenet.core.traversal import Node


class MailsNode(Node):
    """The tenant's outgoing mail."""
