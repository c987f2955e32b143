"""What is put together, and how each source is reduced."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any, Final

from belgenet.appliance import places
from belgenet.appliance.doctor.examine import Examination
from belgenet.appliance.doctor.system import System
from belgenet.appliance.doctor.units import shown
from belgenet.appliance.run import CommandError
from belgenet.appliance.site import SiteError
from belgenet.appliance.status import gather
from belgenet.appliance.support import reduce

HOURS: Final = 24
LINES: Final = 20_000
_TABLES: Final = """
    select relname as name, n_live_tup as rows, n_dead_tup as dead, pg_total_relation_size(relid) as bytes
    from pg_stat_user_tables order by bytes desc"""
_OWN: Final = ("belgenet-*", "redis-server@*", "nginx.service", "postgresql@*", "nftables.service")


def collect(system: System, examined: Examination) -> dict[str, str]:
    """Name of each file -> its text. A source that cannot be read says so instead."""
    parts: dict[str, Callable[[], str]] = {
        "doctor.json": lambda: _json(_findings(examined)),
        "status.json": lambda: _json(_status(system)),
        "versions.json": lambda: _json(_versions(system)),
        "units.json": lambda: _json(shown(system)),
        "tables.json": lambda: _json(system.sql(_TABLES)),
        "site.yml.json": lambda: _json(reduce.settings(system.site)),
        "settings.json": lambda: _json(reduce.settings(system.settings)),
        "journal.txt": lambda: "\n".join(journal(system)),
        "nginx-error.txt": lambda: "\n".join(_log(system, "nginx", "error.log", reduce.nginx)),
        "postgresql.txt": lambda: "\n".join(_log(system, "postgresql", "*.log", reduce.postgres)),
        "ports.txt": lambda: system.run(["ss", "-ltnH"]),
        "own-files.json": lambda: _json(_own_files(system)),
    }
    return {name: _tried(part) for name, part in parts.items()}


def _tried(part: Callable[[], str]) -> str:
    try:
        return part()
    except (CommandError, SiteError, OSError, ValueError) as error:
        return f"could not be read: {type(error).__name__}\n"


def _findings(examined: Examination) -> dict[str, Any]:
    """Codes and figures; what programs said in their own words stays here."""
    return {
        "findings": [
            {
                "code": item.code,
                "level": item.level.value,
                "subject": item.subject if reduce.harmless(item.subject) else reduce.LEFT_OUT,
                "params": {
                    key: value if reduce.harmless(value) else reduce.plain(str(value))
                    for key, value in item.params.items()
                    if key not in {"username", "who"}
                },
            }
            for item in examined.findings
        ],
        "looked": examined.looked,
        "failed": {name: reduce.plain(reason) for name, reason in examined.failed.items()},
    }


def _status(system: System) -> dict[str, Any]:
    found = gather(system)
    closed = found["maintenance"]
    found["maintenance"] = {key: closed.get(key) for key in ("since", "until")} if isinstance(closed, dict) else None
    return {key: {"error": reduce.LEFT_OUT} if _broken(value) else value for key, value in found.items()}


def _broken(value: Any) -> bool:
    return isinstance(value, dict) and "error" in value


def _versions(system: System) -> dict[str, Any]:
    manifest = system.document(places.CURRENT / "bundle/manifest.json")
    packages = system.run(["dpkg-query", "-W", "-f", "${Package} ${Version}\n"])
    wanted = ("postgresql", "redis", "nginx", "systemd", "linux-image", "openssl", "python3.", "restic", "pgbackrest")
    return {
        "release": manifest.get("version"),
        "components": manifest.get("components"),
        "system": system.run(["uname", "-srm"]).strip(),
        "distribution": [
            line for line in (system.text("/etc/os-release") or "").splitlines() if line.startswith("VERSION")
        ],
        "packages": [line for line in packages.splitlines() if line.startswith(wanted)],
    }


def journal(system: System) -> Iterator[str]:
    """The last day of our units."""
    words = ["journalctl", "--quiet", "--no-pager", "--output=json", f"--since=-{HOURS}h", f"--lines={LINES}"]
    said = system.run([*words, *(f"--unit={unit}" for unit in _OWN)], timeout=120)
    for line in said.splitlines():
        try:
            entry = json.loads(line)
        except ValueError:
            continue
        message = entry.get("MESSAGE")
        text = message if isinstance(message, str) else ""
        who, unit = entry.get("SYSLOG_IDENTIFIER", ""), entry.get("_SYSTEMD_UNIT") or entry.get("UNIT", "")
        kept = reduce.systemd(text) if who == "systemd" and entry.get("_PID") == "1" else _reduced(str(unit), text)
        yield f"{_time(entry.get('__REALTIME_TIMESTAMP'))} {unit} {kept}"


def _time(microseconds: Any) -> str:
    return datetime.fromtimestamp(int(microseconds or 0) / 1e6, UTC).isoformat(timespec="milliseconds")


def _reduced(unit: str, text: str) -> str:
    if unit.startswith("belgenet-"):
        return reduce.ours(text)
    if unit.startswith("nginx"):
        return reduce.nginx(text)
    if unit.startswith("postgresql"):
        return reduce.postgres(text) or reduce.LEFT_OUT
    return reduce.plain(text)


def _log(system: System, folder: str, pattern: str, keep: Callable[[str], str | None]) -> Iterator[str]:
    for file in sorted(system.path(f"/var/log/{folder}").glob(pattern)):
        lines = file.read_text(encoding="utf-8", errors="replace").splitlines()[-LINES:]
        yield from (kept for line in lines if (kept := keep(line)) is not None)


def _own_files(system: System) -> list[dict[str, Any]]:
    """What the operator put beside ours: where and how much, not what."""
    folders = ("/etc/belgenet/nginx.d", "/etc/nftables.d", "/etc/systemd/system")
    found = [file for folder in folders for file in sorted(system.path(folder).rglob("*.conf"))]
    return [{"folder": str(file.parent.relative_to(system.root)), "bytes": file.stat().st_size} for file in found]


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"
