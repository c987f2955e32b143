"""Where things are on an institution's server; the Ansible roles put them there."""

from pathlib import Path
from typing import Final

ETC: Final = Path("/etc/belgenet")
SITE: Final = ETC / "site.yml"
"""What the operator says about this server."""
CURRENT: Final = Path("/opt/belgenet/current")
"""The release that runs."""
HANDBOOK: Final = CURRENT / "bundle/docs/operator"
"""The handbook that came with it; see :func:`page`."""
VAULT: Final = ETC / "credentials" / "vault"
SERVICES: Final = ETC / "credentials" / "services"
"""One folder for each service; systemd opens it for that service alone."""
ROTATION: Final = Path("/var/lib/belgenet/secrets")
"""How far rotating secrets has come, and how old each is. No secret stands there."""


def page(name: str, lang: str) -> Path:
    """A page of the handbook in ``tr`` or ``en``. It is plain text: ``less`` shows it."""
    return HANDBOOK / (f"{name}.tr.md" if lang == "tr" else f"{name}.md")
