"""How the server is doing, on one screen."""

from collections.abc import Callable
from typing import Any, Final

from cryptography import x509

from belgenet.appliance import places
from belgenet.appliance.doctor.certificate import FOLDER
from belgenet.appliance.doctor.system import System
from belgenet.appliance.doctor.units import shown
from belgenet.appliance.maintenance import STATE
from belgenet.appliance.run import CommandError
from belgenet.appliance.site import SiteError

_QUEUES: Final = """
    select queue, count(*) filter (where state = 'pending') as waiting, count(*) filter (where state = 'dead') as dead
    from public.outbox_deliveries where state in ('pending', 'dead') group by queue order by queue"""
_ORDERS: Final = """
    select t.slug as tenant, count(o.id) as orders, count(o.paid_at) as paid
    from public.tenants t left join public.orders o
      on o.tenant_id = t.id and o.created_at >= date_trunc('day', now() at time zone t.time_zone) at time zone t.time_zone
    group by t.slug order by t.slug"""


def gather(system: System) -> dict[str, Any]:
    """Every part; one that cannot be asked is ``{"error": reason}`` and keeps no other from being shown."""
    parts: dict[str, Callable[[System], Any]] = {
        "release": _release,
        "site": _site,
        "uptime_seconds": _uptime,
        "maintenance": lambda asked: asked.document(STATE) or None,
        "units": _units,
        "queues": lambda asked: asked.sql(_QUEUES),
        "orders_today": lambda asked: asked.sql(_ORDERS),
        "backup": _backup,
        "certificate_ends": _certificate,
        "disks": _disks,
    }
    return {name: _tried(part, system) for name, part in parts.items()}


def _tried(part: Callable[[System], Any], system: System) -> Any:
    try:
        return part(system)
    except (CommandError, SiteError, OSError, ValueError) as error:
        return {"error": str(error)[:200]}


def _release(system: System) -> str:
    return system.path(places.CURRENT).resolve().name


def _site(system: System) -> str:
    return f"https://{system.domain}"


def _uptime(system: System) -> int:
    return int(float((system.text("/proc/uptime") or "0").split()[0]))


def _units(system: System) -> list[dict[str, Any]]:
    running = [unit for unit in shown(system) if unit["Id"].endswith(".service") and unit.get("Type") != "oneshot"]
    return [
        {
            "unit": unit["Id"].removesuffix(".service"),
            "state": unit["ActiveState"] if unit["ActiveState"] != "active" else unit["SubState"],
            "memory_mib": int(unit["MemoryCurrent"]) >> 20 if unit.get("MemoryCurrent", "").isdigit() else None,
            "restarts": int(unit.get("NRestarts") or 0),
        }
        for unit in running
    ]


def _backup(system: System) -> dict[str, Any]:
    run = system.document("/var/lib/belgenet/backup/state.json").get("run", {})
    return {"last_success": run.get("last_success"), "problem": run.get("error") or None}


def _certificate(system: System) -> str:
    (leaf, *_rest) = x509.load_pem_x509_certificates((system.text(FOLDER / "server.pem") or "").encode())
    return leaf.not_valid_after_utc.date().isoformat()


def _disks(system: System) -> list[dict[str, Any]]:
    return [
        {"mount": disk.mount, "percent": round(100 * (1 - disk.free / disk.size)), "free_mib": disk.free >> 20}
        for disk in system.disks()
        if not disk.mount.startswith(("/run", "/tmp"))  # noqa: S108 - named, not written to
    ]
