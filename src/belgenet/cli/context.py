"""What commands share: settings, the configured application, lazy loading."""

import gc
import importlib
import os
import sys
from configparser import ConfigParser
from typing import Any

import click

from belgenet.settings import Settings, Source, load_with_sources

SHORT_LIVED = {"cli", "health", "user"}
"""Commands that end at once: what they would count nobody asks for, and their files would stay where the others' are read."""


class LazyGroup(click.Group):
    """A group that imports a command only when it runs, so that ``belgenet --help`` does not load WeasyPrint."""

    def __init__(self, *args: Any, commands_at: dict[str, str], **kw: Any) -> None:
        super().__init__(*args, **kw)
        self._at = commands_at

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Names, sorted."""
        return sorted(self._at)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import ``module:attribute``."""
        if cmd_name not in self._at:
            return None
        module, _, attribute = self._at[cmd_name].partition(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command


def read_settings(ini: str | None) -> tuple[Settings, dict[tuple[str, str], Source]]:
    """Settings from the ini file's ``[app:main]`` section and the environment."""
    parser = ConfigParser(interpolation=None)
    values: dict[str, str] = {}
    if ini:
        with open(ini, encoding="utf-8") as file:  # noqa: PTH123
            parser.read_file(file)
        values = dict(parser["app:main"]) if parser.has_section("app:main") else {}
    return load_with_sources(values, os.environ)


def settings_of(context: click.Context) -> Settings:
    """The settings of this invocation."""
    return read_settings(context.find_root().obj)[0]


def share_metrics(folder: str) -> None:
    """Let this process count into ``folder``.

    :raises RuntimeError: prometheus_client is imported already; it looks once, at its import.
    """
    if folder:
        if "prometheus_client" in sys.modules:
            raise RuntimeError("metrics are set up too late to be shared")
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder


def registry_of(context: click.Context, *, process: str, kind: str = "") -> Any:
    """The configured application's registry, with logging and metrics set up. Parameters: as of :func:`configured`."""
    config = configured(context, process=process, kind=kind)
    config.commit()
    return config.registry


def configured(context: click.Context, *, process: str, kind: str = "") -> Any:
    """The application's configurator, with logging and metrics set up for a process of this name.

    :param kind: whose keys it must have; see ``demand_keys``.
    """
    settings = settings_of(context)
    if process not in SHORT_LIVED:
        share_metrics(settings.observability.metrics_dir)
    from belgenet.app import configure
    from belgenet.core.observability.logging import configure as configure_logging
    from belgenet.core.security import demand_keys

    configure_logging(settings, process=process)
    demand_keys(settings, kind)
    return configure(settings)


def freeze_for_forks() -> None:
    """Before forking: else the first collection in a child writes to each object, and its page is shared no more."""
    gc.collect()
    gc.freeze()
