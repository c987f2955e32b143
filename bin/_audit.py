"""Reads the reports that bin/audit made, prints what was found and fails when a package is vulnerable."""

import json
import sys
from pathlib import Path
from typing import Any


def report(file: Path) -> dict[str, Any]:
    """Read a JSON report, empty when the tool wrote none."""
    try:
        found = json.loads(file.read_text())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def python(folder: Path) -> list[str]:
    """Return the vulnerable Python packages."""
    dependencies = report(folder / "python.json").get("dependencies", [])
    audited = [item for item in dependencies if "skip_reason" not in item]
    print(f"Python: {len(audited)} of {len(dependencies)} packages audited")
    if not dependencies or len(audited) < len(dependencies):
        warn("no advisories for some Python packages", (folder / "python.err").read_text())
    return [
        f"{item['name']} {item['version']}: {flaw['id']} (fixed in {', '.join(flaw['fix_versions']) or 'no release'})"
        for item in audited
        for flaw in item["vulns"]
    ]


def clients(folder: Path) -> list[str]:
    """Return the vulnerable packages of the clients."""
    found = report(folder / "clients.json")
    if "vulnerabilities" not in found:
        warn("the clients' packages could not be audited", str(found.get("message", "")))
        return []
    print(f"Clients: {found['metadata']['dependencies']['prod']} packages audited")
    return [f"{name}: {flaw['severity']} ({flaw['range']})" for name, flaw in found["vulnerabilities"].items()]


def warn(words: str, detail: str) -> None:
    """Print a warning and the last line of what the tool said."""
    last = detail.strip().splitlines()[-1:] or ["no answer"]
    print(f"WARNING: {words}: {last[0][:300]}")


def main() -> int:
    """Print both lists."""
    folder = Path(sys.argv[1])
    flaws = python(folder) + clients(folder)
    for flaw in flaws:
        print(f"VULNERABLE: {flaw}")
    print(f"{len(flaws)} vulnerabilities")
    return 1 if flaws else 0


if __name__ == "__main__":
    sys.exit(main())
