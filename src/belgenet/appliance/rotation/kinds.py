"""Which secrets can be rotated here, and what each kind needs for it."""

from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import Final

from belgenet.appliance.secrets import (
    DOOR,
    OBSERVER,
    OPERATOR,
    OPERATORS,
    REDIS,
    RINGS,
    SERVICES,
    SIGNING,
    STORING,
    generated,
)

Made = Callable[[], str]
ACCESS_TOKENS: Final = "security.jwt_keys"
MASTER: Final = "security.master_keys"


class Kind(StrEnum):
    """How a secret's old value and its new one live side by side."""

    RING = "ring"
    """Processes hold both; they read them when they start."""
    REDIS = "redis"
    """A user of Redis has two passwords."""
    OBJECTS = "objects"
    """A service has two pairs of keys at the S3 server of ours, whichever it is."""
    SIGNING = "signing"
    """Parts of the S3 server speak to each other with it; they are one process and change together."""
    ROOT = "root"
    """MinIO's root, whom nobody but this server's own commands speaks as; it is read at a start."""
    DOOR = "door"
    """A Prometheus elsewhere shows it, and is given the new one by hand."""


def kinds() -> dict[str, Kind]:
    """Each secret that can be rotated -> its kind."""
    found = dict.fromkeys(RINGS, Kind.RING)
    found |= {name: Kind.REDIS for name in generated() if name.startswith("redis.")}
    found |= {f"objects.{service}": Kind.OBJECTS for service in STORING}
    found |= {f"objects.{section}": Kind.SIGNING for section in SIGNING}
    return found | {"objects.root": Kind.ROOT, DOOR: Kind.DOOR}


def chosen(words: Iterable[str]) -> list[str]:
    """The secrets that words name: one, or all below it (``redis`` or ``redis.cache``); no word: all.

    Also those of an S3 server that is not in use here: the vault keeps them for the day it is, and thieves would.

    :raises KeyError: a word names none.
    """
    known = kinds()
    found: list[str] = []
    for word in words or [""]:
        below = [name for name in known if name == word or name.startswith(f"{word}." if word else "")]
        if not below:
            raise KeyError(word)
        found += below
    return list(dict.fromkeys(found))


def readers(name: str) -> tuple[str, ...]:
    """Who is handed a secret."""
    if name in RINGS:
        return RINGS[name]
    if name in OPERATORS:
        return OPERATORS[name]
    area, _, rest = name.partition(".")
    user = rest.rpartition(".")[2]
    if area == "redis" and rest.partition(".")[0] in REDIS:
        return ("root",) if user == OPERATOR else ("metrics-redis",) if user == OBSERVER else (user,)
    if area == "objects":
        return (rest, "objects") if rest in SERVICES else ("objects",) if rest in SIGNING else ("minio",)
    return ("root",)
