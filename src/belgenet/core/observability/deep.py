"""Checks that leave a trace, for the moment after a change: an object written and read, a secret opened, a task done."""

import json
import secrets
from collections.abc import Callable
from typing import Any, Final

from belgenet.core.outbox.registry import QUEUES
from belgenet.core.signing.secretbox import SecretBox
from belgenet.core.storage import NoSuchObject
from belgenet.core.tasks.app import make_celery
from belgenet.core.tasks.echo import ask

CANARY: Final = "platform/canary.json"
"""An object outside of every tenant's prefix, sealed by the first release that looked and opened by every one after it."""


class CanaryError(Exception):
    """What was kept came back as something else."""


def canary(registry: Any) -> dict[str, Any]:
    """The master keys are those that sealed what this installation keeps."""
    store, box = registry["belgenet.storage"], SecretBox(registry["belgenet.master_keys"])
    try:
        kept = json.loads(store.get(CANARY))
    except NoSuchObject:
        kept = {}
    if kept and box.open(kept["sealed"], CANARY).decode() != kept["plain"]:
        raise CanaryError("the canary opens and is another one")
    if not kept or not box.is_current(kept["sealed"]):
        plain = kept.get("plain") or secrets.token_hex(16)
        text = json.dumps({"plain": plain, "sealed": box.seal(plain.encode(), CANARY)}).encode()
        store.put(CANARY, text, len(text), "application/json")
    return {"found": bool(kept)}


def objects(registry: Any) -> dict[str, Any]:
    """An object is kept, given back byte for byte, and forgotten."""
    store = registry["belgenet.storage"]
    key, content = f"platform/check-{secrets.token_hex(8)}", secrets.token_bytes(64 * 1024)
    store.put(key, content, len(content), "application/octet-stream")
    try:
        if store.get(key) != content:
            raise CanaryError("an object came back changed")
    finally:
        store.delete(key)
    return {"bytes": len(content)}


def tasks(registry: Any) -> dict[str, Any]:
    """A task of every queue is done by a worker."""
    app, settings = make_celery(registry), registry.settings["belgenet"]
    for queue in QUEUES:
        ask(app, settings, queue)
    return {"queues": list(QUEUES)}


DEEP: Final[dict[str, Callable[[Any], dict[str, Any]]]] = {"canary": canary, "objects": objects, "tasks": tasks}
