"""Which passwords are refused: NIST SP 800-63B 3.1.1.2 (length, commonness, context), no rules about kinds of characters."""

import re
from collections.abc import Iterator
from functools import lru_cache
from importlib.resources import files
from typing import Final

from belgenet.core.web.errors import ErrorCode, FieldProblem, Problem

MIN_LENGTH: Final = 10
MAX_LENGTH: Final = 200
_FEWEST_KINDS: Final = 5
"""A password of fewer different characters is a pattern."""
_LONGEST_NAME_MATCH: Final = 4
_RUNS: Final = (
    "0123456789",
    "abcdefghijklmnopqrstuvwxyz",
    "abccdefgghiijklmnooprsstuuvyz",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
)
_DOTLESS: Final = str.maketrans("şçğıöü", "scgiou")
_LOOKALIKES: Final = str.maketrans("@$3!0", "aseio")


@lru_cache(maxsize=1)
def _common() -> frozenset[str]:
    lines = files("belgenet.accounts").joinpath("data/common_passwords.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if line and not line.startswith("#"))


def fold(text: str) -> str:
    """Lower case without the dots and tails that keyboards differ in: ``İŞIK`` and ``isik`` are one."""
    return text.replace("İ", "i").replace("I", "i").lower().translate(_DOTLESS)


def check_password(password: str, *, email: str, full_name: str, field: str = "password") -> None:
    """:raises Problem: ``password_too_weak``, with the reason at ``field``."""
    if reason := weakness(password, email=email, full_name=full_name):
        raise Problem(ErrorCode.PASSWORD_TOO_WEAK, 400, fields=[FieldProblem(field, reason)])


def weakness(password: str, *, email: str, full_name: str) -> str | None:
    """``password_common``, ``password_pattern``, ``password_personal``, or None: it will do. Length is the schema's concern."""
    plain = fold(password)
    if {plain, _core(plain), plain.translate(_LOOKALIKES), _core(plain).translate(_LOOKALIKES)} & _common():
        return "password_common"
    if len(set(plain)) < _FEWEST_KINDS or _is_run(plain):
        return "password_pattern"
    if any(personal in {plain, _core(plain)} for personal in _personal(email, full_name)):
        return "password_personal"
    return None


def _core(plain: str) -> str:
    """The word within ``word1907!``: what is left without digits and signs around it."""
    return re.sub(r"^[\W\d_]+|[\W\d_]+$", "", plain)


def _is_run(plain: str) -> bool:
    """Whether it is a row of the keyboard, the alphabet or the digits, forwards, backwards or repeated."""
    rows = [row * 8 for row in _RUNS]
    return any(plain in row or plain[::-1] in row for row in rows)


def _personal(email: str, full_name: str) -> Iterator[str]:
    words = fold(full_name).split()
    candidates = [fold(email), fold(email).partition("@")[0], "".join(words), *(word for word in words)]
    for candidate in candidates:
        if len(candidate) >= _LONGEST_NAME_MATCH:
            yield candidate
            yield _core(candidate)
            yield re.sub(r"[\W_]+", "", candidate)
