"""BelgeNet: Akademi and Kurban Cebimde on one self-hosted core."""

__version__ = "0.1.0"
