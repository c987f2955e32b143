"""``belgenet settings check`` and ``show``, as an administrator runs them."""

import base64
import os
import subprocess
import sys
from pathlib import Path

import pytest

KEY = "first:" + base64.b64encode(bytes(32)).decode()
URL = "postgresql+psycopg://belgenet:cok-gizli@127.0.0.1/belgenet"
INI = f"""[app:main]
belgenet.database.url = {URL}
belgenet.security.jwt_keys = {KEY}
belgenet.security.master_keys = {KEY}
belgenet.app.public_port = 8080
"""


@pytest.fixture
def ini(tmp_path: Path) -> Path:
    path = tmp_path / "product.ini"
    path.write_text(INI)
    return path


def settings(ini: Path, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {key: value for key, value in os.environ.items() if not key.startswith("BELGENET_")} | variables
    command = [sys.executable, "-m", "belgenet.cli", "--config", str(ini), "settings", *words]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)


def test_what_is_right_is_said_to_be(ini: Path) -> None:
    done = settings(ini, "check")
    assert (done.returncode, done.stdout, done.stderr) == (0, "settings are valid\n", "")


@pytest.mark.parametrize(
    ("line", "variables", "names"),
    [
        ("belgenet.app.public_prot = 1", {}, ["app.public_prot"]),
        ("belgenet.app.public_port = abc", {}, ["app.public_port"]),
        ("belgenet.shop.open = 1", {}, ["shop"]),
        ("", {"BELGENET_APP_PUBLIC_PORT": "80 80"}, ["BELGENET_APP_PUBLIC_PORT"]),
        ("", {"BELGENET_DATABASE_URL_FILE": "/nowhere/secret"}, ["/nowhere/secret"]),
        ("", {"BELGENET_SECURITY_JWT_KEYS": "first:cok-gizli"}, ["security.jwt_keys", "kid:base64"]),
        ("", {"BELGENET_SECURITY_MASTER_KEYS": f"{KEY} {KEY}"}, ["security.master_keys", "each id once"]),
    ],
)
def test_what_is_wrong_ends_in_one_line_that_names_it(
    ini: Path, line: str, variables: dict[str, str], names: list[str]
) -> None:
    ini.write_text(INI.replace("belgenet.app.public_port = 8080\n", "") + line + "\n")
    done = settings(ini, "check", **variables)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1, done.stderr
    assert all(name in done.stderr for name in names), done.stderr
    assert "cok-gizli" not in done.stderr


def test_show_says_value_and_source_and_hides_secrets(ini: Path, tmp_path: Path) -> None:
    secret = tmp_path / "token"
    secret.write_text("gizli-belirtec\n")
    variables = {"BELGENET_APP_DEFAULT_LOCALE": "en", "BELGENET_OBSERVABILITY_METRICS_TOKEN_FILE": str(secret)}
    done = settings(ini, "show", **variables)
    assert done.returncode == 0, done.stderr
    said = {line.partition(" = ")[0]: line.partition(" = ")[2] for line in done.stdout.splitlines()}
    assert said["app.default_locale"].startswith("en ")
    assert "BELGENET_APP_DEFAULT_LOCALE" in said["app.default_locale"]
    assert said["app.public_port"].startswith("8080 ")
    assert said["app.environment"].startswith("production ")
    assert "[default]" in said["app.environment"]
    assert said["database.url"].startswith("(set)")
    assert said["observability.metrics_token"].startswith("(set)")
    assert "gizli" not in done.stdout


def test_show_narrows_to_a_module(ini: Path) -> None:
    lines = settings(ini, "show", "database").stdout.splitlines()
    assert lines
    assert all(line.startswith("database.") for line in lines)


def test_init_writes_what_an_operator_edits_and_overwrites_nothing(ini: Path, tmp_path: Path) -> None:
    folder = tmp_path / "etc" / "belgenet"
    first = settings(ini, "init", str(folder))
    assert first.stdout.splitlines() == [f"wrote {folder}/alerts.yml", f"wrote {folder}/production.ini"]
    written = folder / "production.ini"
    written.write_text(INI)
    again = settings(ini, "init", str(folder))
    assert again.stdout.splitlines() == [f"kept {folder}/alerts.yml", f"kept {folder}/production.ini"]
    assert written.read_text() == INI
    assert settings(written, "check").returncode == 0
