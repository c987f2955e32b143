"""The one key that opens an installation's backups: written down on paper, typed by hand on the day a server is lost.

32 random bytes in Crockford's base32 (no I, L, O or U), as 13 groups of four characters and a fifth that checks the group and its
place: one wrong character and two exchanged neighbours are always found, and so are two groups that changed places. A fourteenth
group checks the whole. Passwords of the programs that keep backups are derived from it (HKDF, RFC 5869) and are never stored.
"""

import hashlib
import hmac
import secrets
from typing import Final

NAME: Final = "backup.recovery_key"
"""Its name in the vault."""
DATABASE: Final = "pgbackrest"
FILES: Final = "restic"
"""Purposes to derive a password for."""
_LETTERS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_READ_AS: Final = str.maketrans("OIL", "011")
_BYTES: Final = 32
_DATA: Final = 4
_GROUPS: Final = 13
_WIDTH: Final = _DATA + 1
_CHARACTERS: Final = _WIDTH * (_GROUPS + 1)
_REDUCE: Final = 0b100101
"""x^5 + x^2 + 1, which makes the 32 characters a field."""


class RecoveryKeyError(ValueError):
    """What was typed is not a recovery key.

    :param code: what is wrong, to be looked up in a text. ``length`` (params: ``found``, ``needed`` characters), ``character``
        (``character``, ``group``), ``group`` (``groups``: numbers from 1, as text), ``whole``: each group is right, but they are
        groups of two keys.
    """

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(f"not a recovery key: {code} {params}" if params else f"not a recovery key: {code}")
        self.code = code
        self.params = params


def make() -> str:
    """A new key, as it is printed: ``7K2QX-...``, 14 groups of five."""
    return write(secrets.token_bytes(_BYTES))


def write(key: bytes) -> str:
    """The printed form. :raises ValueError: not 32 bytes."""
    if len(key) != _BYTES:
        raise ValueError(f"a recovery key has {_BYTES} bytes")
    symbols = _symbols(int.from_bytes(key) << 4, _GROUPS * _DATA)
    groups = [symbols[at : at + _DATA] for at in range(0, len(symbols), _DATA)]
    groups.append(_whole(key))
    return "-".join(
        "".join(_LETTERS[symbol] for symbol in (*group, _check(group, place))) for place, group in enumerate(groups)
    )


def parse(text: str) -> bytes:
    """The key from what somebody typed: case, spaces and dashes do not matter, O is read as 0, I and L as 1.

    :raises RecoveryKeyError: says which group is wrong.
    """
    typed = "".join(text.split()).replace("-", "").upper().translate(_READ_AS)
    for at, character in enumerate(typed):
        if character not in _LETTERS:
            raise RecoveryKeyError("character", character=character, group=at // _WIDTH + 1)
    if len(typed) != _CHARACTERS:
        raise RecoveryKeyError("length", found=len(typed), needed=_CHARACTERS)
    symbols = [_LETTERS.index(character) for character in typed]
    groups = [symbols[at : at + _WIDTH] for at in range(0, _CHARACTERS, _WIDTH)]
    wrong = [place + 1 for place, group in enumerate(groups) if _check(group[:_DATA], place) != group[_DATA]]
    if wrong:
        raise RecoveryKeyError("group", groups=", ".join(map(str, wrong)))
    number = 0
    for symbol in (symbol for group in groups[:_GROUPS] for symbol in group[:_DATA]):
        number = number << 5 | symbol
    key = (number >> 4).to_bytes(_BYTES)
    if number & 15 or _whole(key) != groups[_GROUPS][:_DATA]:
        raise RecoveryKeyError("whole")
    return key


def derive(key: str, purpose: str) -> str:
    """A password for one purpose, as 64 hexadecimal digits.

    :param key: as printed or typed.
    :param purpose: for example :data:`DATABASE`; another purpose, another password.
    :raises RecoveryKeyError: it is not a key.
    """
    # One block of HKDF-SHA-256 without a salt. By hand: a restoration checks the key before anything is installed.
    extracted = hmac.digest(bytes(32), parse(key), "sha256")
    return hmac.digest(extracted, f"belgenet backup {purpose}".encode() + b"\x01", "sha256").hex()


def _symbols(number: int, count: int) -> list[int]:
    return [number >> 5 * (count - 1 - at) & 31 for at in range(count)]


def _whole(key: bytes) -> list[int]:
    return _symbols(int.from_bytes(hashlib.sha256(b"belgenet recovery key " + key).digest()[:3]) >> 4, _DATA)


def _check(group: list[int], place: int) -> int:
    """Weights that differ find exchanged neighbours; the place added, exchanged groups."""
    check = place
    for weight, symbol in enumerate(group, start=1):
        check ^= _times(1 << weight, symbol)
    return check


def _times(one: int, other: int) -> int:
    product = 0
    while other:
        if other & 1:
            product ^= one
        one <<= 1
        if one & 32:
            one ^= _REDUCE
        other >>= 1
    return product
