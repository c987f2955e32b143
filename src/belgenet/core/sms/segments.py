"""The letters an SMS may hold, and how many messages a text is billed as (3GPP TS 23.038 and 23.040).

Two alphabets, the narrower that holds the text is used: GSM 7 bit (160 septets; 153 each when joined), or the same with the Turkish
single shift table (155; 149, for its header says so). A letter of a shift table costs two septets, and none is cut in two by the
end of a segment. What lies outside both would turn the whole message into UCS-2 or be lost, as the provider likes: it is folded.
"""

import unicodedata
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

_BASIC: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED: Final = frozenset("\f^{}\\[~]|€")
_TURKISH: Final = frozenset("ĞİŞçğış")
ALPHABET: Final = _BASIC | _EXTENDED | _TURKISH
GSM: Final = (160, 153)
TURKISH: Final = (155, 149)
UNKNOWN: Final = "?"
_ALIKE: Final[Mapping[str, str]] = MappingProxyType(
    {
        **dict.fromkeys("\u2018\u2019\u201a\u201b\u2032\u02bc\u02bb`\u00b4", "'"),
        **dict.fromkeys("\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb", '"'),
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u2022\u00b7", "-"),
        "\u00a0": " ",
        "\u2044": "/",
        "\u00d7": "x",
        "\u20ba": "TL",
        "\u0259": "e",
        "\u018f": "E",
        "\u0111": "d",
        "\u0110": "D",
        "\u0142": "l",
        "\u0141": "L",
    }
)


def fold(text: str) -> str:
    """The text in letters that arrive as they are sent: ``Kâmil’in`` -> ``Kamil'in``; ``?`` for what is like none of them."""
    return "".join(_fold(letter) for letter in unicodedata.normalize("NFC", text))


def _fold(letter: str) -> str:
    if letter in ALPHABET:
        return letter
    if letter in _ALIKE:
        return _ALIKE[letter]
    if unicodedata.combining(letter) or unicodedata.category(letter) == "Mn":
        return ""
    parts = unicodedata.normalize("NFKD", letter)
    plain = "".join(part if part in ALPHABET else _ALIKE.get(part, "") for part in parts)
    return plain if plain.strip() else UNKNOWN


def count_segments(text: str) -> int:
    """Segments of a text; an empty one is one message too.

    :raises ValueError: it holds letters that were not folded.
    """
    letters = set(text)
    if not letters <= ALPHABET:
        raise ValueError("letters outside the alphabet of SMS")
    limits = TURKISH if letters & _TURKISH else GSM
    return _count((1 if letter in _BASIC else 2 for letter in text), *limits)


def _count(costs: Iterable[int], alone: int, joined: int) -> int:
    each = list(costs)
    if sum(each) <= alone:
        return 1
    segments, used = 1, 0
    for cost in each:
        if used + cost > joined:
            segments, used = segments + 1, 0
        used += cost
    return segments
