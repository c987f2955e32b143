"""Order numbers people can read to one another on the telephone, and nobody can guess: ``VA-7F3K-92QD``."""

import secrets

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O, U."""
GROUP = 4


def order_number(slug: str) -> str:
    """A number for a tenant: two letters of its slug and 40 random bits."""
    prefix = "".join(letter for letter in slug.upper() if letter.isascii() and letter.isalpha())[:2] or "BN"
    code = "".join(secrets.choice(ALPHABET) for _ in range(2 * GROUP))
    return f"{prefix}-{code[:GROUP]}-{code[GROUP:]}"
