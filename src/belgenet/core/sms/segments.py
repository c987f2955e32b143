"""How many messages a text is billed as (3GPP TS 23.038 and 23.040).

Three alphabets, the narrowest that holds the text is used: GSM 7 bit (160 septets; 153 each when joined), the same with the Turkish
single shift table (155; 149, for its header says so), else UCS-2 (70; 67 sixteen-bit units). A letter of a shift table costs two
septets, and none is cut in two by the end of a segment.
"""

from collections.abc import Iterable
from typing import Final

_BASIC: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED: Final = frozenset("\f^{}\\[~]|€")
_TURKISH: Final = frozenset("ĞİŞçğış")
GSM: Final = (160, 153)
TURKISH: Final = (155, 149)
UCS2: Final = (70, 67)


def count_segments(text: str) -> int:
    """Segments of a text; an empty one is one message too."""
    letters = set(text)
    if letters <= _BASIC | _EXTENDED:
        return _count((1 if letter in _BASIC else 2 for letter in text), *GSM)
    if letters <= _BASIC | _EXTENDED | _TURKISH:
        return _count((1 if letter in _BASIC else 2 for letter in text), *TURKISH)
    return _count((len(letter.encode("utf-16-be")) // 2 for letter in text), *UCS2)


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
