"""Stripe's form encoding with brackets, and `expand`."""

from collections.abc import Iterable
from typing import Any

from belgenet.testing.psp.store import Store

KINDS = {"pi": "intent", "ch": "charge", "txn": "balance", "cs": "session", "re": "refund", "evt": "event"}


def decode(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Turn `metadata[order]=1`, `line_items[0][quantity]=1` and `expand[]=x` into nested values (all
    text).
    """
    root: dict[str, Any] = {}
    for name, value in pairs:
        head, *rest = name.replace("]", "").split("[")
        node, keys = root, [head, *rest]
        for key in keys[:-1]:
            child = node.setdefault(key, {})
            if not isinstance(child, dict):
                raise ValueError(name)  # noqa: TRY004 - a bad value on the wire
            node = child
        node[keys[-1] or str(len(node))] = value
    return {key: _lists(value) for key, value in root.items()}


def render(store: Store, doc: dict[str, Any], expand: Iterable[str]) -> dict[str, Any]:
    """Return an object as Stripe shows it, with the ids on the paths in `expand` replaced by their
    objects.
    """
    shown = {key: value for key, value in doc.items() if not key.startswith("_")}
    for path in expand:
        head, _, rest = path.partition(".")
        target = shown.get(head)
        if isinstance(target, str):
            found = store.get(KINDS.get(target.partition("_")[0], ""), target)
            target = found if found is not None else target
        if isinstance(target, dict):
            shown[head] = render(store, target, [rest] if rest else [])
    return shown


def _lists(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    if value and all(key.isdigit() for key in value):
        return [_lists(value[key]) for key in sorted(value, key=int)]
    return {key: _lists(child) for key, child in value.items()}
