"""Layers: packaged defaults < ini (``belgenet.<module>.<key>``) < environment (``BELGENET_<MODULE>_<KEY>``) or a secret file
named by ``BELGENET_<MODULE>_<KEY>_FILE`` < systemd's credentials (``$CREDENTIALS_DIRECTORY/belgenet_<module>.<key>``, see
systemd.exec(5)). Per-tenant overrides live in the database (``tenancy``) and are not read here."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from belgenet.settings.errors import SettingsError
from belgenet.settings.modules import Module, Settings

INI_PREFIX = "belgenet."
ENV_PREFIX = "BELGENET_"
CREDENTIAL_PREFIX = "belgenet_"
TOOL_VARIABLES = frozenset({"BELGENET_CONFIG", "BELGENET_E2E_JSON", "BELGENET_DATABASE_SERVER_URL", "BELGENET_URL"})
"""Variables of the command-line tools and tests that are not settings."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where a value comes from, for ``belgenet settings show``."""

    kind: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind} {self.name}" if self.name else self.kind


def modules() -> dict[str, type[Module]]:
    """Module name -> its class."""
    return {name: field.annotation for name, field in Settings.model_fields.items()}  # type: ignore[misc]


def load(ini: Mapping[str, str] | None = None, environ: Mapping[str, str] | None = None) -> Settings:
    """Read all layers and check them.

    :raises SettingsError: one line that names the wrong or unknown key and where it stands.
    """
    return load_with_sources(ini, environ)[0]


def load_with_sources(
    ini: Mapping[str, str] | None = None, environ: Mapping[str, str] | None = None
) -> tuple[Settings, dict[tuple[str, str], Source]]:
    """As :func:`load`, and say for each ``(module, key)`` which layer gave it (absent: packaged default)."""
    values: dict[str, dict[str, Any]] = {name: {} for name in modules()}
    sources: dict[tuple[str, str], Source] = {}
    environ = environ or {}
    for module, key, value, source in [*_from_ini(ini or {}), *_from_environment(environ), *_from_credentials(environ)]:
        values[module][key] = value
        sources[module, key] = source
    try:
        return Settings.model_validate(values), sources
    except ValidationError as error:
        raise SettingsError(_one_line(error, sources)) from None


def _from_ini(ini: Mapping[str, str]) -> list[tuple[str, str, str, Source]]:
    found = []
    for name, value in ini.items():
        if not name.startswith(INI_PREFIX):
            continue
        module, _, key = name.removeprefix(INI_PREFIX).partition(".")
        source = Source("ini", name)
        _check_known(module, key, source)
        found.append((module, key, value, source))
    return found


def _from_environment(environ: Mapping[str, str]) -> list[tuple[str, str, str, Source]]:
    found = []
    for name, value in environ.items():
        if not name.startswith(ENV_PREFIX) or name in TOOL_VARIABLES:
            continue
        if f"{name}_FILE" in environ:
            raise SettingsError(f"environment: both {name} and {name}_FILE are set; keep one of them")
        source = Source("environment", name)
        module, _, key = name.removeprefix(ENV_PREFIX).lower().partition("_")
        if key.endswith("_file") and key not in _keys(module):
            key = key.removesuffix("_file")
            _check_known(module, key, source)
            source = Source("file", value)
            found.append((module, key, _read_secret(f"environment {name}", value), source))
        else:
            _check_known(module, key, source)
            found.append((module, key, value, source))
    return found


def _from_credentials(environ: Mapping[str, str]) -> list[tuple[str, str, str, Source]]:
    folder = environ.get("CREDENTIALS_DIRECTORY", "")
    found = []
    for file in sorted(Path(folder).glob(f"{CREDENTIAL_PREFIX}*")) if folder else []:
        module, _, key = file.name.removeprefix(CREDENTIAL_PREFIX).partition(".")
        source = Source("credential", file.name)
        _check_known(module, key, source)
        found.append((module, key, _read_secret(f"credential {file.name}", str(file)), source))
    return found


def _keys(module: str) -> set[str]:
    cls = modules().get(module)
    return set(cls.model_fields) if cls else set()


def _check_known(module: str, key: str, source: Source) -> None:
    if module not in modules():
        raise SettingsError(f"{source}: unknown settings module '{module}' (known: {', '.join(modules())})")
    if key not in _keys(module):
        raise SettingsError(f"{source}: unknown setting '{module}.{key}' (known: {', '.join(sorted(_keys(module)))})")


def _read_secret(name: str, path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8").rstrip("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{name}: cannot read secret file {path}: {error}") from None


def _one_line(error: ValidationError, sources: Mapping[tuple[str, str], Source]) -> str:
    first = error.errors(include_url=False, include_input=False)[0]
    module, key = _place(first)
    if first["type"] == "missing":
        env = f"{ENV_PREFIX}{module}_{key}".upper()
        return f"missing setting '{module}.{key}': set {env}, {env}_FILE or {INI_PREFIX}{module}.{key} in the ini file"
    where = sources.get((module, key), Source("default", ""))
    return f"{where}: wrong value for '{module}.{key}': {first['msg']}"


def _place(finding: Any) -> tuple[str, str]:
    """Module and key; a check between modules names its key in the context."""
    if "key" in finding.get("ctx", {}):
        module, _, key = str(finding["ctx"]["key"]).partition(".")
        return module, key
    return str(finding["loc"][0]), str(finding["loc"][1]) if len(finding["loc"]) > 1 else ""
