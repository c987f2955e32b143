"""Ports on loopback that a server needs for what its ``site.yml`` asks for; only some users may reach them (role ``firewall``)."""

from collections.abc import Collection, Mapping
from typing import Any, Final

from belgenet.appliance.site import switch

QUEUES: Final = {6379: "Redis", 6380: "Redis"}
STORES: Final = {
    "seaweedfs": dict.fromkeys((8333, 8380, 8888, 9333, 18333, 18380, 18888, 19333), "SeaweedFS"),
    "minio": {9000: "MinIO"},
}
FIGURES: Final = {
    19100: "prometheus-node-exporter",
    19113: "Nginx",
    19121: "prometheus-redis-exporter",
    19187: "prometheus-postgres-exporter",
}
STORES_FIGURES: Final = {"seaweedfs": {19327: "SeaweedFS"}, "minio": {}}


def inner_ports(answers: Mapping[str, Any], left: Collection[str] = ()) -> dict[int, str]:
    """Port -> the part that listens there.

    :param answers: as :func:`belgenet.appliance.site.read_site` gives them; what is not said is as the roles have it.
    :param left: object stores of ours that are on the server although no answer names them any more.
    """
    other = answers.get("belgenet_objectstore_other")
    before = other.get("backend") if isinstance(other, Mapping) else None
    named = [answers.get("belgenet_objectstore_backend", "seaweedfs"), before, *left]
    stores = [store for store in STORES if store in named]
    found = {**QUEUES}
    for store in stores:
        found |= STORES[store]
    if switch(answers.get("belgenet_monitoring", True)) is not False:
        found |= FIGURES
        for store in stores:
            found |= STORES_FIGURES[store]
    return found
