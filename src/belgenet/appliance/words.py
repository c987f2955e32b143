"""What the server's verbs say to its administrators, in their language."""

import json
import os
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Final

LANGUAGES: Final = ("tr", "en")


def language(environment: Mapping[str, str] = os.environ) -> str:
    """``tr`` or ``en``, as the administrator's terminal is set; English when it says nothing."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if chosen := environment.get(name, ""):
            return "tr" if chosen.lower().startswith("tr") else "en"
    return "en"


@cache
def texts(area: str, lang: str) -> dict[str, str]:
    """Code -> text of one area (``backup``, ``doctor``, ...), from ``texts/<area>.<lang>.json``."""
    file = resources.files("belgenet.appliance") / "texts" / f"{area}.{lang}.json"
    known: dict[str, str] = json.loads(file.read_text(encoding="utf-8"))
    return known


class Words:
    """One area's texts in one language.

    :param lang: ``tr`` or ``en``; that of the terminal by default.
    """

    def __init__(self, area: str, lang: str = "") -> None:
        self.language = lang or language()
        self._texts = texts(area, self.language)

    def __call__(self, code: str, **params: object) -> str:
        """The text of a code. :raises KeyError: there is none; a test keeps both languages' codes and placeholders equal."""
        return self._texts[code].format_map(params)


def words(area: str, lang: str = "") -> Words:
    """``say = words("backup"); say("done", label=...)``."""
    return Words(area, lang)
