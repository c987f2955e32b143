"""Reads the reports that bin/audit made and prints what was found.

Status 0: every package was looked up and none is vulnerable; 1: one is; 3: some could not be looked up: nothing is known of them.
"""

import json
import sys
from pathlib import Path
from typing import Any

VULNERABLE, INCOMPLETE = 1, 3


def report(file: Path) -> dict[str, Any]:
    """Read a JSON report, empty when the tool wrote none."""
    try:
        found = json.loads(file.read_text())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def python(folder: Path) -> tuple[list[str], bool]:
    """Return the vulnerable Python packages, and whether all were looked up."""
    dependencies = report(folder / "python.json").get("dependencies", [])
    skipped = [item["skip_reason"] for item in dependencies if "skip_reason" in item]
    audited = [item for item in dependencies if "skip_reason" not in item]
    print(f"Python: {len(audited)} of {len(dependencies)} packages audited")
    if not audited or skipped:
        warn("no advisories for some Python packages", (skipped or [(folder / "python.err").read_text()])[0])
    return [
        f"{item['name']} {item['version']}: {flaw['id']} (fixed in {', '.join(flaw['fix_versions']) or 'no release'})"
        for item in audited
        for flaw in item["vulns"]
    ], bool(audited) and not skipped


def clients(folder: Path) -> tuple[list[str], bool]:
    """Return the vulnerable packages of the clients, and whether they were looked up."""
    found = report(folder / "clients.json")
    if "vulnerabilities" not in found:
        warn("the clients' packages could not be audited", str(found.get("message", "")))
        return [], False
    print(f"Clients: {found['metadata']['dependencies']['prod']} packages audited")
    return [f"{name}: {flaw['severity']} ({flaw['range']})" for name, flaw in found["vulnerabilities"].items()], True


def warn(words: str, detail: str) -> None:
    """Print a warning and the last line of what the tool said."""
    last = detail.strip().splitlines()[-1:] or ["no answer"]
    print(f"WARNING: {words}: {last[0][:300]}")


def main() -> int:
    """Print both lists."""
    folder = Path(sys.argv[1])
    results = [python(folder), clients(folder)]
    flaws = [flaw for found, _ in results for flaw in found]
    for flaw in flaws:
        print(f"VULNERABLE: {flaw}")
    complete = all(whole for _, whole in results)
    print(
        f"{len(flaws)} vulnerabilities"
        + ("" if complete else " found, but the audit is INCOMPLETE: this is no clean result")
    )
    if flaws:
        return VULNERABLE
    return 0 if complete else INCOMPLETE


if __name__ == "__main__":
    sys.exit(main())
