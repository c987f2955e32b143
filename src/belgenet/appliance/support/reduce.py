"""What of each kind of line is known to be harmless."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

_WORD: Final = re.compile(r"[A-Za-z0-9_.:@/+-]{1,80}")
_EVENT: Final = re.compile(r"[a-z0-9_]+(\.[a-z0-9_]+)*")
_SHOWN: Final = frozenset(
    {
        "timestamp",
        "level",
        "logger",
        "event",
        "method",
        "status",
        "ms",
        "request_id",
        "process",
        "queue",
        "queues",
    }
    | {
        "consumer",
        "delivery",
        "outcome",
        "attempts",
        "attempt",
        "waiting",
        "seconds",
        "count",
        "pid",
        "code",
        "provider",
    }
)
"""Fields of our own log that never hold anything a person wrote."""
_CLASS: Final = re.compile(r"\b([A-Z][A-Za-z]*(?:Error|Exception|Unavailable|Refused|Timeout|Interrupt|Exit))\b")
_FRAME: Final = re.compile(r'File "([^"]+)", line (\d+), in (\w+|<\w+>)')
_GO: Final = re.compile(r"\b([a-z0-9_]+\.go:\d+)\b")
_UNIT: Final = r"[\w@.:-]+\.(?:service|socket|timer|path|target|slice|scope)"
_BEGAN: Final = re.compile(
    rf"(?:Starting|Started|Stopping|Stopped|Finished|Reloading|Reloaded|Listening on|Closed|Failed to start) {_UNIT}"
)
_OF_UNIT: Final = re.compile(rf"{_UNIT}: [A-Z]")
_FIRST: Final = frozenset(
    {
        "admin",
        "assets",
        "auth",
        "campaigns",
        "certificates",
        "checkout",
        "courses",
        "enrollments",
        "files",
        "health",
        "learn",
        "me",
    }
    | {"metrics", "orders", "payments", "platform", "register", "site", "sign-in", "verify", "webhooks"}
)
"""First parts of addresses that are ours; whatever follows may be a name, a number or a token."""
_NGINX: Final = re.compile(r"^(\S+ \S+ \[\w+\] [\d#]+: (?:\*\d+ )?)(.*?)(, client: .*)?$")
_POSTGRES: Final = re.compile(r"\b(LOG|WARNING|ERROR|FATAL|PANIC):\s+(.*)$")
_STATEMENT: Final = re.compile(r"\b(statement|execute [^:]*|parse [^:]*|bind [^:]*|parameters):.*$", re.IGNORECASE)
_QUOTED: Final = re.compile(r"\"[^\"]*\"|'[^']*'|«[^»]*»|“[^”]*”|\([^)]*\)=\([^)]*\)|=\s*\S+")
LEFT_OUT: Final = "[left out]"


def ours(line: str) -> str:
    """A line of one of our processes: JSON with known fields; of everything else, where it came from."""
    try:
        found = json.loads(line)
    except ValueError:
        return plain(line)
    return json.dumps(fields(found), ensure_ascii=False) if isinstance(found, dict) else LEFT_OUT


def fields(found: Mapping[str, Any]) -> dict[str, Any]:
    """Known fields whose values look as they should; of an exception, its classes and places."""
    kept: dict[str, Any] = {}
    for key, value in found.items():
        if key == "path":
            kept[key] = path(str(value))
        elif key in {"exception", "error", "stack"}:
            kept[key] = " < ".join(frames(str(value))) or LEFT_OUT
        elif key == "event":
            kept[key] = value if isinstance(value, str) and _EVENT.fullmatch(value) else LEFT_OUT
        elif key in _SHOWN and harmless(value):
            kept[key] = value
    return kept


def harmless(value: Any) -> bool:
    """A number, or one word without letters of people's names only they use."""
    if isinstance(value, list):
        return all(harmless(item) for item in value)
    return value is None or isinstance(value, (bool, int, float)) or bool(_WORD.fullmatch(str(value)))


def frames(text: str) -> Iterator[str]:
    """Classes and places of a traceback, without its messages."""
    for match in re.finditer(f"{_FRAME.pattern}|{_CLASS.pattern}|{_GO.pattern}", text):
        file, line, function, name, place = match.groups()
        yield name or place or f"{file.rpartition('/site-packages/')[2]}:{line} {function}"


def systemd(line: str) -> str:
    """What systemd says of a unit; not the unit's description, which may be somebody's command line."""
    if match := _BEGAN.match(line):
        return match[0]
    return line if _OF_UNIT.match(line) else plain(line)


def plain(line: str) -> str:
    """A line of no known form: the classes and places it names."""
    return " < ".join(frames(line)) or f"{LEFT_OUT[:-1]}: {len(line)} characters]"


def path(text: str) -> str:
    """The part of an address that is ours."""
    pieces = [piece for piece in re.split(r"[?#]", text)[0].split("/") if piece]
    api = pieces[:2] == ["api", "v1"]
    first = pieces[2:3] if api else pieces[:1]
    known = [piece if piece in _FIRST else "*" for piece in first]
    rest = ["*"] if len(pieces) > (3 if api else 1) else []
    return "/" + "/".join([*(["api", "v1"] if api else []), *known, *rest])


def nginx(line: str) -> str:
    """What failed and at which upstream; not who asked for what."""
    match = _NGINX.match(line)
    if not match:
        return f"{LEFT_OUT[:-1]}: {len(line)} characters]"
    asked = re.search(r'request: "(\w+) (\S+)', match[3] or "")
    said = _QUOTED.sub("[...]", match[2])
    return f"{match[1]}{said}" + (f", request: {asked[1]} {path(asked[2])}" if asked else "")


def postgres(line: str) -> str | None:
    """What PostgreSQL reports, without values; None for lines that hold statements and rows."""
    match = _POSTGRES.search(line)
    if not match:
        return None
    said = _QUOTED.sub("[...]", _STATEMENT.sub(r"\1: [left out]", match[2]))
    return f"{line[:23]} {match[1]}: {said}"


def settings(value: Any, key: str = "") -> Any:
    """The operator's answers: their names; values only if they are numbers or single plain words, and no secrets."""
    if isinstance(value, dict):
        return {
            (name if _WORD.fullmatch(str(name)) else LEFT_OUT): settings(item, str(name))
            for name, item in value.items()
        }
    if isinstance(value, list):
        return [settings(item, key) for item in value]
    if re.search(r"password|secret|token|key|passphrase|credential", key, re.IGNORECASE):
        return LEFT_OUT
    return value if harmless(value) else LEFT_OUT
