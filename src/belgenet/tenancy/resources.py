from belgenet.core.traversal import Node


class SiteNode(Node):
    """The tenant itself, as a place with settings."""
