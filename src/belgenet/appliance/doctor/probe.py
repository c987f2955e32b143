"""What the user ``belgenet-console`` finds at Redis and the S3 server, where root has no name.

``belgenet probe`` prints it as JSON: ``{"redis": {"cache": {...}, "broker": {...}}, "objects": {...}}``.
"""

import secrets
from typing import Any, Final

import redis
from redis.exceptions import RedisError

from belgenet.core.storage import NoSuchObject, StorageUnavailable
from belgenet.core.storage.s3 import S3Store
from belgenet.settings import Settings

_KEPT: Final = ("used_memory", "maxmemory", "maxmemory_policy", "evicted_keys", "aof_enabled", "aof_last_write_status")


def look(settings: Settings) -> dict[str, Any]:
    """Ask all of them."""
    urls = {"cache": settings.cache.url, "broker": settings.tasks.broker_url}
    return {
        "redis": {name: _redis(url.get_secret_value()) for name, url in urls.items()},
        "objects": _objects(S3Store.from_settings(settings.storage)),
    }


def _redis(url: str) -> dict[str, Any]:
    try:
        with redis.Redis.from_url(url, socket_timeout=5, socket_connect_timeout=3) as client:
            known: dict[str, Any] = client.info("everything")
    except RedisError as error:
        return {"error": f"{type(error).__name__}: {error}"[:300]}
    return {key: known.get(key, 0) for key in _KEPT}


def _objects(store: S3Store) -> dict[str, Any]:
    """An object of our own, outside of every tenant's prefix."""
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
