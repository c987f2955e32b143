"""MAYSCON: the one typed configuration layer. ``load(...)`` returns a frozen :class:`Settings` or raises :class:`SettingsError`."""

from belgenet.settings.errors import SettingsError
from belgenet.settings.loader import Source, load, load_with_sources
from belgenet.settings.modules import Settings

__all__ = ["Settings", "SettingsError", "Source", "load", "load_with_sources"]
