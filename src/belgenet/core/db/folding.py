"""Text as people search for it."""

import re
from typing import Final

from sqlalchemy import ColumnElement, func

_FROM: Final = "İIıÇçĞğÖöŞşÜüÂâÎîÛû\u0307"
_TO: Final = "iiiccggoossuuaaiiuu"
"""What ``translate`` maps to, letter by letter; the combining dot, without a partner, is dropped."""
_WORD: Final = re.compile(r"[^\s!-/:-@\[-`{-~]+", re.ASCII)
MAX_WORDS: Final = 8


def fold(text: ColumnElement[str]) -> ColumnElement[str]:
    """Compare letters as a Turkish reader means them: ``IŞIK``, ``ışık`` and ``isik`` are one, under any database locale."""
    return func.lower(func.translate(text, _FROM, _TO))


def words_of(text: str) -> list[str]:
    """The words to look for in what somebody typed, not folded yet: blanks and ASCII punctuation part them."""
    return list(dict.fromkeys(_WORD.findall(text)))[:MAX_WORDS]
