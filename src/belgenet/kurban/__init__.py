"""Kurban Cebimde: campaigns, the shares of their animals, and the vekâlet each donor gives."""

from typing import Any


def includeme(config: Any) -> None:
    config.include("belgenet.kurban.consents")
    config.include("belgenet.kurban.shares")
    config.include("belgenet.kurban.campaigns")
