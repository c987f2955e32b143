"""Each alert fires when it should, with its text, and resolves."""

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.unit.monitoring.conftest import ROOT, RULES, rules

from belgenet.cli import COMMANDS

CASES = yaml.safe_load((Path(__file__).parent / "cases.yml").read_text())
TEXTS = {"summary", "description", "summary_tr", "description_tr"}


def test_prometheus_takes_the_rules(promtool: str) -> None:
    done = subprocess.run([promtool, "check", "rules", *map(str, RULES)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_alert_is_tried_and_named_once() -> None:
    names = [rule["alert"] for rule in rules()]
    assert len(set(names)) == len(names)
    assert CASES.keys() == set(names)


def filled(text: str, labels: dict[str, str]) -> str:
    return re.sub(r"\{\{ \$labels\.(\w+) \}\}", lambda found: labels[found[1]], text)


def trial(rule: dict[str, Any], case: dict[str, Any]) -> dict[str, Any]:
    """In promtool's words: it is silent at first, fires, and is silent again."""
    labels = case["labels"]
    fired = {
        "exp_labels": {**labels, **rule["labels"]},
        "exp_annotations": {name: filled(text, labels) for name, text in rule["annotations"].items()},
    }
    moments = (("0m", []), (case["fires"], [fired]), (case["resolved"], []))
    if not rule.get("for"):
        moments = moments[1:]
    return {
        "name": rule["alert"],
        "interval": "1m",
        "input_series": [{"series": name, "values": values} for name, values in case["series"].items()],
        "alert_rule_test": [
            {"eval_time": when, "alertname": rule["alert"], "exp_alerts": alerts} for when, alerts in moments
        ],
    }


def test_every_alert_fires_and_resolves(promtool: str, tmp_path: Path) -> None:
    """Each rule with its own trial only: else every rule would be looked at for each minute of every trial."""
    files = []
    for rule in rules():
        alone, test = tmp_path / f"{rule['alert']}.rules.yml", tmp_path / f"{rule['alert']}.yml"
        alone.write_text(yaml.safe_dump({"groups": [{"name": "alone", "rules": [rule]}]}))
        trials = [trial(rule, CASES[rule["alert"]])]
        test.write_text(yaml.safe_dump({"rule_files": [str(alone)], "tests": trials}))
        files.append(str(test))
    done = subprocess.run([promtool, "test", "rules", *files], capture_output=True, text=True, check=False)
    assert done.returncode == 0, (done.stdout + done.stderr)[:8000]


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule["alert"])
def test_an_alert_says_in_both_languages_what_is_wrong_and_what_to_do(rule: dict[str, Any]) -> None:
    notes = rule["annotations"]
    assert notes.keys() == TEXTS | {"runbook_url", "runbook_url_tr"}
    assert rule["labels"]["severity"] in {"page", "ticket"}
    asked = [set(re.findall(r"\$labels\.(\w+)", notes[name])) for name in ("summary", "summary_tr")]
    assert asked[0] == asked[1]
    for name, page in (("runbook_url", "alerts.md"), ("runbook_url_tr", "alerts.tr.md")):
        assert notes[name] == f"docs/operator/{page}#{rule['alert'].lower()}"
        assert f"\n### {rule['alert']}\n" in (ROOT / "docs/operator" / page).read_text(), page


def test_the_commands_an_alert_names_exist() -> None:
    texts = [text for rule in rules() for text in rule["annotations"].values()]
    named = {words for text in texts for words in re.findall(r"`(?:sudo )?belgenet ([a-z-]+)", text)}
    assert len(named) >= 8
    assert named <= COMMANDS.keys()


def test_the_pages_know_no_alert_that_is_gone() -> None:
    names = {rule["alert"] for rule in rules()}
    for page in ("alerts.md", "alerts.tr.md"):
        assert set(re.findall(r"^### (\w+)$", (ROOT / "docs/operator" / page).read_text(), re.MULTILINE)) == names
