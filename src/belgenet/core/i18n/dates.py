"""Days and moments in words, as an institution's clock shows them."""

from datetime import date, datetime, tzinfo

from babel.dates import format_date, format_datetime

_DAY = "d MMMM y"
_MOMENT = {"tr": f"{_DAY} HH:mm", "en": f"{_DAY}, HH:mm"}


def long_day(day: date, locale: str) -> str:
    """``22 Kasım 2026``. A moment has no day without a zone: ask for ``long_day(moment.astimezone(zone), ...)``."""
    text: str = format_date(day, _DAY, locale=locale)
    return text


def long_moment(moment: datetime, locale: str, zone: tzinfo) -> str:
    """``22 Kasım 2026 14:45``."""
    text: str = format_datetime(moment.astimezone(zone), _MOMENT[locale], locale=locale)
    return text
