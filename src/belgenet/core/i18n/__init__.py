"""Texts in Turkish and English. Each package keeps its own ``locale/{tr,en}.json``: flat keys to ICU-free ``{name}`` templates."""

from collections.abc import Callable
from functools import lru_cache
from importlib.resources import files
from typing import Any
from unicodedata import normalize

import orjson
from babel import Locale, negotiate_locale

LOCALES = ("tr", "en")
DEFAULT_LOCALE = "tr"


@lru_cache(maxsize=len(LOCALES))
def catalogue(locale: str) -> dict[str, str]:
    """All texts of a language. :raises ValueError: two packages define one key."""
    texts: dict[str, str] = {}
    for source in _sources(files("belgenet"), f"{locale}.json"):
        part = orjson.loads(source.read_bytes())
        if twice := texts.keys() & part.keys():
            raise ValueError(f"texts defined twice: {sorted(twice)}")
        texts.update(part)
    return texts


def _sources(folder: Any, name: str) -> list[Any]:
    found = []
    for child in folder.iterdir():
        if child.is_dir() and child.name not in {"static", "__pycache__"}:
            if child.name == "locale" and (child / name).is_file():
                found.append(child / name)
            found += _sources(child, name)
    return found


def translate(locale: str, key: str, default: str | None = None, **params: Any) -> str:
    """The text of a key, with its parameters filled in; the key itself when nobody wrote one."""
    text = catalogue(locale).get(key) or catalogue(DEFAULT_LOCALE).get(key)
    if text is None:
        return default if default is not None else key
    try:
        return text.format_map(params)
    except (KeyError, IndexError, ValueError):
        return text


def negotiate(request: Any) -> str:
    """``?lang=``, then Accept-Language, then the tenant's language."""
    asked = request.GET.get("lang", "") if request.environ.get("REQUEST_METHOD") else ""
    if asked in LOCALES:
        return str(asked)
    header = request.headers.get("Accept-Language", "")
    wanted = [part.split(";")[0].strip().split("-")[0] for part in header.split(",")]
    tenant = getattr(request, "tenant", None)
    return negotiate_locale(wanted, LOCALES) or (tenant.locale if tenant else request.settings.app.default_locale)


def lower(text: str, locale: str) -> str:
    """Lower case by the language's rules: in Turkish ``I`` becomes ``ı`` and ``İ`` becomes ``i``."""
    return (text.replace("İ", "i").replace("I", "ı") if locale == "tr" else text).lower()


def initial(name: str, locale: str) -> str:
    """First letter of a name as its language capitalises it, however it is spelt or encoded: ``istanbul`` -> ``İ`` in Turkish."""
    first = normalize("NFC", name.strip())[:1]
    return (first.replace("i", "İ") if locale == "tr" else first).upper()


def _translator(request: Any) -> Callable[..., str]:
    def text(key: str, default: str | None = None, **params: Any) -> str:
        return translate(request.locale_name, key, default, **params)

    return text


def includeme(config: Any) -> None:
    for name in LOCALES:
        Locale.parse(name)
        catalogue(name)
    config.set_locale_negotiator(negotiate)
    config.add_request_method(_translator, "translate", reify=True)
