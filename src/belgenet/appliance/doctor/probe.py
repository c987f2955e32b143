"""What the user ``belgenet-console`` finds at the S3 server, where root has no name and which its firewall keeps from root.

``belgenet probe`` prints it as JSON.
"""

import secrets
from typing import Any

from belgenet.core.storage import NoSuchObject, StorageUnavailable
from belgenet.core.storage.s3 import S3Store
from belgenet.settings import Settings


def look(settings: Settings) -> dict[str, Any]:
    """Keep an object of our own, outside of every tenant's prefix, read it back and remove it.

    :returns: empty when all went well; else ``error`` and the ``step`` (reach, put, get, delete).
    """
    store = S3Store.from_settings(settings.storage)
    key, content = f"doctor/{secrets.token_hex(8)}", secrets.token_bytes(4096)
    step = "reach"
    try:
        store.check()
        step = "put"
        store.put(key, content, len(content), "application/octet-stream")
        step = "get"
        if store.get(key) != content:
            return {"step": step, "error": "the object came back changed"}
        step = "delete"
        store.delete(key)
    except (StorageUnavailable, NoSuchObject) as error:
        return {"step": step, "error": str(error)[:300]}
    return {}
