from belgenet.core.traversal import Node


class ConsentTextsNode(Node):
    """All versions of the vekâlet text."""
