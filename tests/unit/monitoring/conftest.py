"""The rules that ship, and Prometheus' own program to try them with."""

import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[3]
FILES = ROOT / "deploy/ansible/roles/monitoring/files"
RULES = (ROOT / "config/alerts.yml", *(FILES / f"{name}.yml" for name in ("server", "stores", "upkeep")))


def rules() -> list[dict[str, Any]]:
    """Every alert of all files."""
    return [rule for file in RULES for group in yaml.safe_load(file.read_text())["groups"] for rule in group["rules"]]


@pytest.fixture(scope="session")
def promtool() -> str:
    """Path of the program; bin/test fetches it."""
    found = shutil.which("promtool") or shutil.which("promtool", path=str(ROOT / "var/tools/prometheus"))
    assert found, "promtool is missing: bin/test fetches it (Debian package prometheus)"
    return found
