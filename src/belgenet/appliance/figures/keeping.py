"""What is kept, and until when: backups, drills, the kit, the certificate, the release, an upgrade that did not end."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from cryptography import x509

from belgenet.appliance.figures.exposition import Metric

ACTIONS: Final = ("run", "offsite", "verify", "drill")
"""What the backup's state speaks of."""


def _document(file: Path) -> dict[str, Any]:
    """A state file; empty before it was first written. :raises ValueError: it is damaged."""
    try:
        found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    return found


def _seconds(written: str | None) -> float:
    """Since 1970; 0: never."""
    return datetime.fromisoformat(written).timestamp() if written else 0.0


def backups(state: Path) -> list[Metric]:
    """When each action last succeeded and failed; 0: never. Of the copy off-site only where there is one: nobody is to miss it."""
    known = _document(state / "backup" / "state.json")
    success = Metric(
        "belgenet_backup_last_success_timestamp_seconds",
        "Last backup, copy off-site, verification, drill that succeeded",
    )
    failure = Metric("belgenet_backup_last_failure_timestamp_seconds", "Last one that failed")
    seconds = Metric("belgenet_backup_seconds", "How long the last success took")
    for action in (action for action in ACTIONS if action != "offsite" or action in known):
        entry = known.get(action, {})
        success.add(_seconds(entry.get("last_success")), action=action)
        failure.add(_seconds(entry.get("last_error")), action=action)
        seconds.add(entry.get("seconds") or 0.0, action=action)
    return [success, failure, seconds]


def kit(state: Path) -> list[Metric]:
    """When somebody last proved to hold the recovery kit; 0: never."""
    at = _seconds(_document(state / "kit" / "confirmed.json").get("at"))
    return [Metric("belgenet_kit_confirmed_timestamp_seconds", "When the recovery kit was confirmed").add(at)]


def certificate(tls: Path, state: Path) -> list[Metric]:
    """From when until when the site's certificate is valid, and how often its renewal failed in a row."""
    leaf = x509.load_pem_x509_certificates((tls / "server.pem").read_bytes())[0]
    ends = Metric("belgenet_certificate_end_timestamp_seconds", "End of the validity of the site's certificate")
    begins = Metric("belgenet_certificate_begin_timestamp_seconds", "Begin of its validity")
    failures = Metric("belgenet_certificate_renewal_failures", "Failed tries to renew it, in a row")
    known = _document(state / "tls" / "state.json")
    return [
        ends.add(leaf.not_valid_after_utc.timestamp()),
        begins.add(leaf.not_valid_before_utc.timestamp()),
        failures.add(known.get("failures") or 0),
    ]


def release(current: Path, state: Path) -> list[Metric]:
    """Which release runs, since when, and whether an upgrade was cut off."""
    info = Metric("belgenet_release_info", "The release that runs").add(1, version=current.resolve(strict=True).name)
    since = Metric("belgenet_release_since_timestamp_seconds", "When the server was switched to it")
    pending = Metric("belgenet_upgrade_unfinished", "1: an upgrade is under way or was cut off")
    closed = Metric("belgenet_maintenance", "1: the site is closed for maintenance")
    return [
        info,
        since.add(current.lstat().st_mtime),
        pending.add((state / "upgrade" / "unfinished").exists()),
        closed.add(bool(_document(state / "maintenance" / "state.json"))),
    ]
