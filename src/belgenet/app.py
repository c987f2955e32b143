"""The application: ordered includes, nothing else."""

import importlib
import os
import pkgutil
import warnings
from collections.abc import Mapping
from typing import Any

warnings.filterwarnings("ignore", message="pkg_resources is deprecated", category=UserWarning)

from pyramid.config import Configurator  # noqa: E402 - cornice's import of pkg_resources warns

from belgenet.core.observability.logging import configure as configure_logging  # noqa: E402
from belgenet.core.security import demand_keys  # noqa: E402
from belgenet.settings import Settings, load  # noqa: E402

CORE = (
    "web",
    "db",
    "i18n",
    "security",
    "traversal",
    "outbox",
    "tasks",
    "storage",
    "mail",
    "sms",
    "audit",
    "observability",
)
DOMAINS = ("tenancy", "accounts", "files", "admin", "notifications", "certificates", "commerce", "academy", "kurban")


def import_models() -> None:
    """Import every ``models`` room, so that ``Base.metadata`` is whole; for migrations and the drift check."""
    import belgenet  # noqa: PLC0415

    for module in pkgutil.walk_packages(belgenet.__path__, "belgenet."):
        if module.name.rsplit(".", 1)[-1] in {"models", "idempotency"} and ".migrations." not in module.name:
            importlib.import_module(module.name)


def configure(settings: Settings) -> Configurator:
    """A configurator with every part included, not yet committed."""
    config = Configurator(
        settings={
            "belgenet": settings,
            "tm.manager_hook": "pyramid_tm.explicit_manager",
            "tm.commit_veto": "pyramid_tm.default_commit_veto",
            "tm.annotate_user": False,
            "retry.attempts": 3,
            "handle_exceptions": False,
        }
    )
    for name in ("pyramid_retry", "pyramid_tm", "pyramid_services"):
        config.include(name)
    for name in CORE:
        config.include(f"belgenet.core.{name}")
    for name in DOMAINS:
        config.include(f"belgenet.{name}")
    config.include("belgenet.client")
    return config


def make_app(ini: Mapping[str, str] | None = None, environ: Mapping[str, str] | None = None) -> Any:
    """The WSGI application for a server that is not ours (``pserve``), which logs as the settings say.

    :raises belgenet.settings.SettingsError: the configuration is wrong.
    """
    settings = load(ini or {}, os.environ if environ is None else environ)
    configure_logging(settings, process="web")
    demand_keys(settings, "web")
    return configure(settings).make_wsgi_app()
