import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any, Final

from belgenet.appliance import nginx
from belgenet.appliance.maintenance.pages import configuration
from belgenet.appliance.run import CommandError

FOLDER: Final = Path("/var/lib/belgenet/maintenance")
STATE: Final = FOLDER / "state.json"
LONGEST_MESSAGE: Final = 400
"""Characters; Nginx takes no longer words in its configuration than some 4,000 bytes, and the page is one."""
FORGOTTEN: Final = timedelta(hours=4)
"""A site that was closed without an end is taken for forgotten after so long."""


class MaintenanceError(Exception):
    """The site could not be closed or opened. ``code`` names the text, ``params`` its figures."""

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(f"{code} {params}" if params else code)
        self.code, self.params = code, params


class Switch:
    """Closes and opens the site. What is written survives a restart of the server, and is no drift: the roles only include it.

    :param reload: makes Nginx check and read its configuration.
    """

    def __init__(self, folder: Path = FOLDER, reload: Callable[[], None] | None = None) -> None:
        self._folder = folder
        self._reload = reload or nginx.reload

    def state(self) -> dict[str, Any]:
        """Since when, until when and why the site is closed; empty when it is open."""
        try:
            found = json.loads((self._folder / "state.json").read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    def on(self, *, now: datetime, until: datetime | None = None, message: str = "", zone: str = "UTC") -> None:
        """Close it, or say something else while it is closed.

        :raises MaintenanceError: ``message_long``, or ``nginx``: then everything is as before.
        """
        if len(message) > LONGEST_MESSAGE:
            raise MaintenanceError("message_long", most=LONGEST_MESSAGE)
        before = self._read()
        since = self.state().get("since") or now.isoformat(timespec="seconds")
        state = {"since": since, "until": until.isoformat(timespec="seconds") if until else None, "message": message}
        self._write(configuration(until, " ".join(message.split()), zone), json.dumps(state))
        try:
            self._reload()
        except CommandError as error:
            self._restore(before)
            raise MaintenanceError("nginx", reason=error.said) from error

    def off(self) -> bool:
        """Open it; whether it was closed. :raises MaintenanceError: ``nginx``."""
        closed = any(file.exists() for file in self._files())
        for file in self._files():
            file.unlink(missing_ok=True)
        try:
            self._reload()
        except CommandError as error:
            raise MaintenanceError("nginx", reason=error.said) from error
        return closed

    def _files(self) -> tuple[Path, Path]:
        return self._folder / "closed.conf", self._folder / "state.json"

    def _read(self) -> list[str | None]:
        return [file.read_text(encoding="utf-8") if file.exists() else None for file in self._files()]

    def _write(self, *texts: str) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        # What says that it is closed comes first: killed in between, `off` and the doctor know that there is something to end.
        for file, text in reversed(list(zip(self._files(), texts, strict=True))):
            draft = file.with_suffix(".draft")
            draft.write_text(text, encoding="utf-8")
            draft.replace(file)

    def _restore(self, before: list[str | None]) -> None:
        for file, text in zip(self._files(), before, strict=True):
            if text is None:
                file.unlink(missing_ok=True)
            else:
                file.write_text(text, encoding="utf-8")


def parse_until(text: str, now: datetime) -> datetime:
    """``+90m``, ``+2h``, ``23:30`` (the next one, server's time) or ``2026-12-01 06:00``; UTC.

    :raises MaintenanceError: ``until_unreadable``, ``until_past``.
    """
    local = now.astimezone()
    try:
        if text.startswith("+"):
            found = local + timedelta(**{{"m": "minutes", "h": "hours"}[text[-1]]: int(text[1:-1])})
        elif ":" in text and "-" not in text:
            found = datetime.combine(local.date(), time.fromisoformat(text), local.tzinfo)
            found += timedelta(days=found <= local)
        else:
            found = datetime.fromisoformat(text)
            found = found if found.tzinfo else found.replace(tzinfo=local.tzinfo)
    except (ValueError, KeyError, OverflowError):
        raise MaintenanceError("until_unreadable", text=text) from None
    if found <= now:
        raise MaintenanceError("until_past", text=text)
    return found.astimezone(UTC)


def overdue(state: Mapping[str, Any], now: datetime) -> bool:
    """Whether a closed site should be open again by now."""
    if state.get("until"):
        return now > datetime.fromisoformat(state["until"])
    return now - datetime.fromisoformat(state["since"]) > FORGOTTEN
