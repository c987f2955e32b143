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


def matches(words: str) -> list[ColumnElement[bool]]:
    """Conditions: every word is part of the name or the e-mail. No pattern is involved, so ``%`` is just a sign."""
    text = fold(shown_name() + " " + Account.email)
    return [func.strpos(text, fold(literal(word))) > 0 for word in words.split()[:8]]
