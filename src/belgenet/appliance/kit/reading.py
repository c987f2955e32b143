"""A recovery key out of what somebody has of the kit: the text file, a file with the key alone, or what they type."""

from typing import Final

from belgenet.appliance.recovery_key import RecoveryKeyError, parse, write

_READ_AS: Final = str.maketrans("OIL", "011")
_GROUP: Final = 5
_FEWEST: Final = 3
"""Groups in a line that belongs to a key and not to a sentence."""


def tidy(group: str) -> str:
    """Letters as they are printed: without case, spaces and dashes, O as 0, I and L as 1."""
    return "".join(group.split()).replace("-", "").upper().translate(_READ_AS)


def read_key(text: str) -> str:
    """The key as it is printed.

    :param text: a whole kit as text, or the key alone.
    :raises RecoveryKeyError: there is none in it, or it was mistyped; says which group.
    """
    try:
        return write(parse(text))
    except RecoveryKeyError as error:
        lines = [line for line in map(_groups, text.splitlines()) if line]
        groups = [group for line in lines for group in line]
        if not groups or groups == _groups(" ".join(text.split())):
            raise error from None
        return write(parse("-".join(groups[: _of_one_key(groups)])))


def _of_one_key(groups: list[str]) -> int:
    """How many groups the first key has: a kit says it once in each language."""
    return groups.index(groups[0], 1) if groups.count(groups[0]) > 1 else len(groups)


def _groups(line: str) -> list[str]:
    found = line.replace("-", " ").split()
    whole = len(found) >= _FEWEST and all(len(group) == _GROUP and group.isalnum() for group in found)
    return found if whole else []
