"""Adds up JUnit files and prints the closing line of bin/test; fails on any failure or on a step without tests."""

import argparse
import sys
import xml.etree.ElementTree as ET
from collections import Counter
from pathlib import Path


def count(file: Path) -> Counter[str]:
    """Sum a file's test cases by outcome."""
    outcomes: Counter[str] = Counter()
    for case in ET.parse(file).getroot().iter("testcase"):
        kinds = {child.tag for child in case}
        outcomes["failed" if kinds & {"failure", "error"} else "skipped" if "skipped" in kinds else "passed"] += 1
    return outcomes


def main() -> int:
    """Print the sums."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--expect", default="", help="steps that must have run tests")
    parser.add_argument("--failed", default="", help="steps that ended with a failure")
    options = parser.parse_args()
    total: Counter[str] = Counter()
    for step in options.expect.split():
        outcomes = sum((count(file) for file in options.folder.glob(f"{step}*.xml")), Counter())
        print(
            f"{step:<10}", ", ".join(f"{number} {name}" for name, number in sorted(outcomes.items())) or "no tests ran"
        )
        silent = step in options.failed.split() and not outcomes["failed"]
        if silent or not outcomes["passed"] + outcomes["failed"]:
            print(f"{step:<10} counted as one failure: it {'broke off' if silent else 'ran no tests'}")
            outcomes["failed"] += 1
        total += outcomes
    print(f"{total['passed']} passed, {total['failed']} failed")
    return 1 if total["failed"] else 0


if __name__ == "__main__":
    sys.exit(main())
