"""What rules and dashboards ask Prometheus for."""

import json
import re
from collections.abc import Iterator

from tests.unit.monitoring.conftest import FILES, rules

DASHBOARDS = FILES / "grafana/dashboards"
SELECTOR = re.compile(r"\b(up|(?:belgenet|node|pg|redis|SeaweedFS|minio)_\w+)(?:\{([^}]*)\})?")


def queries() -> Iterator[tuple[str, str]]:
    """Where each query stands, and the query."""
    for rule in rules():
        yield rule["alert"], rule["expr"]
    for file in sorted(DASHBOARDS.glob("*.json")):
        for panel in json.loads(file.read_text())["panels"]:
            for target in panel["targets"]:
                yield f"{file.stem}: {panel['title']}", target["expr"]


def asked() -> dict[str, set[str]]:
    """Name of a figure -> who asks for it."""
    found: dict[str, set[str]] = {}
    for where, query in queries():
        for name, _ in SELECTOR.findall(query):
            found.setdefault(name, set()).add(where)
    return found
