"""BelgeNet: Akademi and Kurban Cebimde on one self-hosted core."""

from typing import Any

__version__ = "0.1.0"


def main(global_config: dict[str, str], **settings: str) -> Any:  # noqa: ARG001 - PasteDeploy's signature
    """Paste application factory: the ini section's keys, then the environment."""
    from belgenet.app import make_app  # noqa: PLC0415 - importing the package must not import the application

    return make_app(settings)
