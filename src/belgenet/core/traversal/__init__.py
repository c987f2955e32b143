"""The resource tree: ``TenantRoot -> collection -> item``; ``PlatformRoot`` beside it for the institution's own console."""

from typing import Any

from belgenet.core.traversal.nodes import Collection, Item, Node
from belgenet.core.traversal.roots import PlatformRoot, TenantRoot, host_root, unclosed_root
from belgenet.core.traversal.tenant import Suspended, TenantDirectory, TenantInfo, TenantRequiredError

__all__ = [
    "Collection",
    "Item",
    "Node",
    "PlatformRoot",
    "Suspended",
    "TenantDirectory",
    "TenantInfo",
    "TenantRequiredError",
    "TenantRoot",
    "host_root",
    "unclosed_root",
]


def includeme(config: Any) -> None:
    config.registry["belgenet.children"] = {TenantRoot: {}, PlatformRoot: {}}
    config.add_directive("add_tenant_child", _add_tenant_child)
    config.add_directive("add_platform_child", _add_platform_child)


def _add_tenant_child(config: Any, name: str, factory: type[Node]) -> None:
    config.registry["belgenet.children"][TenantRoot][name] = factory


def _add_platform_child(config: Any, name: str, factory: type[Node]) -> None:
    config.registry["belgenet.children"][PlatformRoot][name] = factory
