"""What doctor, metrics and the next run want to know: ``/var/lib/belgenet/backup/state.json``."""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from belgenet.appliance.backup.plan import STATE


def read(folder: Path = STATE) -> dict[str, dict[str, Any]]:
    """Action (``run``, ``offsite``, ``verify``, ``drill``) -> ``last_success`` and ``last_error`` (UTC, ISO 8601; None: never),
    ``error`` (a code; empty after a success), ``message``, ``seconds``, and what the last success had to say.
    """
    try:
        known: dict[str, dict[str, Any]] = json.loads((folder / "state.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return known


def succeeded(action: str, seconds: float, folder: Path = STATE, **figures: Any) -> None:
    """Note a success."""
    with _known(folder) as known:
        entry = {"last_error": None, **known.get(action, {}), "last_success": _now(), "error": "", "message": ""}
        known[action] = entry | {"seconds": round(seconds, 1)} | figures


def failed(action: str, code: str, message: str, folder: Path = STATE) -> None:
    """Note a failure; when it went well last stays known."""
    with _known(folder) as known:
        entry = {"last_success": None, **known.get(action, {}), "last_error": _now()}
        known[action] = entry | {"error": code, "message": message}


def forget(action: str, folder: Path = STATE) -> None:
    """It is not done any more: nobody is to miss it."""
    if action in read(folder):
        with _known(folder) as known:
            known.pop(action, None)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


@contextmanager
def _known(folder: Path) -> Iterator[dict[str, dict[str, Any]]]:
    """To be changed; written when it is left. The copy off-site ends beside a backup, a verification, a drill: one at a time."""
    folder.mkdir(mode=0o755, parents=True, exist_ok=True)
    with (folder / "state.lock").open("a", encoding="utf-8") as lock:
        os.fchmod(lock.fileno(), 0o600)  # who can open it can keep it, and all of us waiting
        fcntl.flock(lock, fcntl.LOCK_EX)
        known = read(folder)
        yield known
        draft = folder / "state.draft"
        draft.write_text(json.dumps(known, indent=1, sort_keys=True) + "\n", encoding="utf-8")
        draft.chmod(0o644)
        draft.replace(folder / "state.json")
