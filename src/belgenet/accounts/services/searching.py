from typing import Any

from sqlalchemy import ColumnElement, func, literal

from belgenet.accounts.models import Account, Membership

_FROM = "İIıÇçĞğÖöŞşÜüÂâÎîÛû\u0307"
_TO = "iiiccggoossuuaaiiuu"
"""What ``translate`` maps to, letter by letter; the combining dot, without a partner, is dropped."""


def shown_name() -> ColumnElement[str]:
    """The name a tenant shows."""
    return func.coalesce(Membership.full_name, Account.full_name)


def fold(text: ColumnElement[str]) -> ColumnElement[str]:
    """Compare letters as a Turkish reader means them: ``IŞIK``, ``ışık`` and ``isik`` are one, under any database locale."""
    return func.lower(func.translate(text, _FROM, _TO))


def matches(words: str) -> list[Any]:
    """Conditions: every word is part of the name or the e-mail. ``%`` and ``_`` stand for themselves."""
    text = fold(shown_name() + " " + Account.email)
    return [
        text.contains(fold(literal(_escape(word))), autoescape=False).op("ESCAPE")("/") for word in words.split()[:8]
    ]


def _escape(word: str) -> str:
    return word.replace("/", "//").replace("%", "/%").replace("_", "/_")
