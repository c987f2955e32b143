"""Has somebody shown that the kit is in their hands?"""

import json
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from belgenet.appliance.kit.reading import tidy

STATE: Final = Path("/var/lib/belgenet/kit/confirmed.json")
ASKED: Final = 2
"""Groups of the key that are asked for."""


@dataclass(frozen=True)
class Confirmation:
    """:param at: UTC, ISO 8601. :param fingerprint: of the key that was on the kit."""

    at: str
    fingerprint: str


def challenge(groups: Sequence[str]) -> list[int]:
    """Numbers, from 1, of the groups to ask for."""
    return sorted(secrets.SystemRandom().sample(range(1, len(groups) + 1), ASKED))


def is_right(groups: Sequence[str], asked: int, typed: str) -> bool:
    """Whether this is the group with the number ``asked``, as forgivingly as a whole key is read."""
    return tidy(typed) == groups[asked - 1]


def remember(fingerprint: str, file: Path = STATE) -> Confirmation:
    """Note that the kit with this key was confirmed now."""
    made = Confirmation(datetime.now(UTC).isoformat(timespec="seconds"), fingerprint)
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = file.with_suffix(".draft")
    draft.write_text(json.dumps(asdict(made)) + "\n", encoding="utf-8")
    draft.replace(file)
    return made


def confirmed(fingerprint: str, file: Path = STATE) -> Confirmation | None:
    """When the kit with this key was confirmed; None: never, or it was a kit with another key."""
    try:
        found = Confirmation(**json.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None
    return found if found.fingerprint == fingerprint else None
