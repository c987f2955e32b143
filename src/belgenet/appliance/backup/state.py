"""What doctor, metrics and the next run want to know: ``/var/lib/belgenet/backup/state.json``."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from belgenet.appliance.backup.plan import STATE


def read(folder: Path = STATE) -> dict[str, dict[str, Any]]:
    """Action (``run``, ``verify``, ``drill``) -> ``last_success`` and ``last_error`` (UTC, ISO 8601; None: never), ``error`` (a
    code; empty after a success), ``message``, ``seconds``, and what the last success had to say.
    """
    try:
        known: dict[str, dict[str, Any]] = json.loads((folder / "state.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return known


def succeeded(action: str, seconds: float, folder: Path = STATE, **figures: Any) -> None:
    """Note a success."""
    known = read(folder)
    entry = {"last_error": None, **known.get(action, {}), "last_success": _now(), "error": "", "message": ""}
    _write(folder, known | {action: entry | {"seconds": round(seconds, 1)} | figures})


def failed(action: str, code: str, message: str, folder: Path = STATE) -> None:
    """Note a failure; when it went well last stays known."""
    known = read(folder)
    entry = {"last_success": None, **known.get(action, {}), "last_error": _now(), "error": code, "message": message}
    _write(folder, known | {action: entry})


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _write(folder: Path, known: dict[str, dict[str, Any]]) -> None:
    folder.mkdir(mode=0o755, parents=True, exist_ok=True)
    draft = folder / "state.draft"
    draft.write_text(json.dumps(known, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    draft.chmod(0o644)
    draft.replace(folder / "state.json")
