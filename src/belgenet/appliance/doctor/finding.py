from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from belgenet.appliance import places
from belgenet.appliance.words import Words


class Level(StrEnum):
    """How bad it is."""

    ERROR = "error"
    """Something does not work, or will be lost."""
    WARNING = "warning"
    """It will become an error unless somebody acts."""
    INFO = "info"
    """Worth knowing; nothing has to be done."""


@dataclass(frozen=True)
class Finding:
    """One thing that was found.

    :param code: stable; the texts and the page of the handbook have the same name.
    :param subject: what it is about, where several may be found (a unit, a disk); part of the finding's identity.
    :param params: figures for the text.
    """

    code: str
    level: Level
    subject: str = ""
    params: dict[str, Any] = field(default_factory=dict, compare=False)

    @property
    def key(self) -> str:
        """The same finding has the same key at every look, whatever its figures."""
        return f"{self.code}:{self.subject}" if self.subject else self.code

    def told(self, say: Words) -> dict[str, str]:
        """What a person reads: ``title`` (what was seen), ``cause``, ``cure``; ``page``: the file that says more."""
        params = {"subject": self.subject, "handbook": places.HANDBOOK, **self.params}
        return {
            "title": say(self.code, **params),
            "cause": say(f"{self.code}.cause", **params),
            "cure": say(f"{self.code}.cure", **params),
            "page": str(places.page("troubleshooting", say.language)),
        }

    def as_json(self, say: Words) -> dict[str, Any]:
        """For programs; the texts come along in the language of ``say``."""
        plain = {"code": self.code, "level": self.level.value, "subject": self.subject, "params": self.params}
        return plain | self.told(say)


def error(code: str, subject: str = "", **params: Any) -> Finding:
    """Something does not work."""
    return Finding(code, Level.ERROR, subject, params)


def warning(code: str, subject: str = "", **params: Any) -> Finding:
    """Somebody should act."""
    return Finding(code, Level.WARNING, subject, params)


def info(code: str, subject: str = "", **params: Any) -> Finding:
    """Worth knowing."""
    return Finding(code, Level.INFO, subject, params)
