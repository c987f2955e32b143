"""Verification codes."""

import secrets

CODE_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O, U, so a code survives being read aloud."""
CODE_LENGTH = 16
"""80 bits: guessing one of a million certificates takes more than 10^18 tries."""
_LOOKALIKES = str.maketrans("ILO", "110")


def new_code() -> str:
    """A verification code nobody can guess."""
    return "".join(secrets.choice(CODE_ALPHABET) for _ in range(CODE_LENGTH))


def plain_code(text: str) -> str:
    """A code as stored, from the way people type it: hyphens, blanks, lower case, look-alikes."""
    return text.replace("-", "").replace(" ", "").upper().translate(_LOOKALIKES)


def grouped_code(code: str) -> str:
    """A code as printed: ``K7QM-2X4T-B9WR-3HNC``."""
    return "-".join(code[start : start + 4] for start in range(0, len(code), 4))
