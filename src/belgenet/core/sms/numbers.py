"""Telephone numbers an SMS can go to."""

import re
from typing import Final

HOME: Final = "TR"
"""Where a number without a country code is from."""
_PLAIN: Final = re.compile(r"[0-9+ ().\-/]{7,40}", re.ASCII)
SHOWN_FRONT: Final = 4
SHOWN_BACK: Final = 2


def mobile_number(text: str) -> str | None:
    """E.164 of a mobile number: ``0532 123 45 67`` -> ``+905321234567``; None for anything else, whatever it is.

    Letters are refused first: the library reads them as the keys of a telephone (``0532 ABC...``).
    """
    # Its tables are a few megabytes. Those who make documents read numbers; their workers load it before they fork.
    import phonenumbers as lib  # noqa: PLC0415

    if not _PLAIN.fullmatch(text.strip()):
        return None
    try:
        number = lib.parse(text.strip(), HOME)
    except lib.NumberParseException:
        return None
    mobile = (lib.PhoneNumberType.MOBILE, lib.PhoneNumberType.FIXED_LINE_OR_MOBILE)
    if not lib.is_valid_number(number) or lib.number_type(number) not in mobile:
        return None
    return lib.format_number(number, lib.PhoneNumberFormat.E164)


def masked(number: str) -> str:
    """A number to show to people whom it does not concern: ``+905321234567`` -> ``+905*******67``."""
    hidden = len(number) - SHOWN_FRONT - SHOWN_BACK
    if hidden < SHOWN_FRONT:
        return "*" * len(number)
    return f"{number[:SHOWN_FRONT]}{'*' * hidden}{number[-SHOWN_BACK:]}"
