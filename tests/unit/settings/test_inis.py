"""The two ini files that ship are right, and production's holds no secret."""

import json
import os
import subprocess
import sys
from configparser import ConfigParser
from pathlib import Path

from pydantic import SecretStr

from belgenet.settings import load
from belgenet.settings.loader import modules

ROOT = Path(__file__).parents[3]
KEY = "k:" + "a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s="


def section(name: str) -> dict[str, str]:
    parser = ConfigParser(interpolation=None)
    parser.read(ROOT / name, encoding="utf-8")
    return dict(parser["app:main"])


def test_development_ini_is_complete() -> None:
    assert load(section("development.ini")).app.environment == "development"


def test_production_ini_needs_only_secrets() -> None:
    secrets = {"BELGENET_DATABASE_URL": "x", "BELGENET_SECURITY_JWT_KEYS": KEY, "BELGENET_SECURITY_MASTER_KEYS": KEY}
    settings = load(section("production.ini"), secrets)
    assert settings.app.environment == "production"
    assert settings.security.cookie_secure
    assert not settings.payments.sandbox


def test_production_ini_holds_no_secret() -> None:
    secret = {
        f"belgenet.{name}.{key}"
        for name, cls in modules().items()
        for key, field in cls.model_fields.items()
        if field.annotation in (SecretStr, SecretStr | None)
    }
    assert secret & section("production.ini").keys() <= {"belgenet.cache.url", "belgenet.tasks.broker_url"}


def test_pserve_logs_as_the_ini_says() -> None:
    """Another server than ours makes the application by its factory: same format, and the same blanking of secrets."""
    code = (
        "import logging, sys\n"
        "from pyramid.paster import get_app\n"
        "get_app(sys.argv[1])\n"
        "import structlog; structlog.get_logger('x').info('hello', password='gizli')\n"
        "logging.getLogger('y').debug('too fine')"
    )
    kept = {name: value for name, value in os.environ.items() if not name.startswith("BELGENET_")}
    secrets = {"DATABASE_URL": "postgresql+psycopg:///x", "SECURITY_JWT_KEYS": KEY, "SECURITY_MASTER_KEYS": KEY}
    environment = kept | {f"BELGENET_{name}": value for name, value in secrets.items()}
    command = [sys.executable, "-W", "ignore", "-c", code, str(ROOT / "production.ini")]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True, timeout=60)
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    assert [line["event"] for line in lines] == ["process.start", "hello"]
    assert lines[-1]["password"] == "***"
    assert done.stdout == ""
