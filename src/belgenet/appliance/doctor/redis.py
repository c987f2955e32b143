"""The two Redis servers."""

from collections.abc import Iterator
from typing import Any, Final

import redis as driver
from redis.exceptions import RedisError

from belgenet.appliance.doctor.finding import Finding, error, warning
from belgenet.appliance.doctor.system import System
from belgenet.appliance.secrets import OBSERVER, REDIS

FULL: Final = 0.8
"""Part of the broker's memory limit. A full cache is as it should be: it drops what is oldest."""


def redis(system: System) -> Iterator[Finding]:
    """Both answer; the broker keeps on disk what it was given, and has room."""
    for instance in REDIS:
        try:
            found = _ask(system, instance)
        except (RedisError, OSError) as failure:
            yield error("redis_unreachable", instance, reason=f"{type(failure).__name__}: {failure}"[:300])
            continue
        if instance == "broker":
            yield from broker(found)


def _ask(system: System, instance: str) -> dict[str, Any]:
    socket = system.path(f"/run/redis-belgenet-{instance}/root.sock")
    password = system.vault.read(f"redis.{instance}.{OBSERVER}")
    with driver.Redis(
        unix_socket_path=str(socket), username=OBSERVER, password=password, socket_timeout=5, socket_connect_timeout=3
    ) as client:
        known: dict[str, Any] = client.info()
    return known


def broker(found: dict[str, Any]) -> Iterator[Finding]:
    """What ``INFO`` says of the server of the queues."""
    if found["maxmemory"] and found["used_memory"] > FULL * found["maxmemory"]:
        yield warning("broker_filling", used=found["used_memory"] >> 20, limit=found["maxmemory"] >> 20)
    if found["maxmemory_policy"] != "noeviction" or found["evicted_keys"]:
        yield error("broker_evicting", policy=found["maxmemory_policy"], keys=found["evicted_keys"])
    if not found["aof_enabled"]:
        yield error("broker_not_kept", reason="appendonly no")
    elif found["aof_last_write_status"] != "ok":
        yield error("broker_not_kept", reason=f"aof_last_write_status: {found['aof_last_write_status']}")
