from sqlalchemy import ColumnElement, func, literal

from belgenet.accounts.models import Account, Membership
from belgenet.core.db.folding import MAX_WORDS, fold


def shown_name() -> ColumnElement[str]:
    """The name a tenant shows."""
    return func.coalesce(Membership.full_name, Account.full_name)


def matches(words: str) -> list[ColumnElement[bool]]:
    """Conditions: every word is part of the name or the e-mail. No pattern is involved, so ``%`` is just a sign."""
    text = fold(shown_name() + " " + Account.email)
    return [func.strpos(text, fold(literal(word))) > 0 for word in words.split()[:MAX_WORDS]]
