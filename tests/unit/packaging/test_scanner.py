"""Memory for the scanner."""

from pathlib import Path

import pytest
import yaml
from checks.scanner import MEMORY_MIB, OWN, scanner
from checks.site import read_answers

from .server import Server

DEPLOY = Path(__file__).parents[3] / "deploy/ansible"
ON = "belgenet_clamav: true\n"


def found(tmp_path, mib, text, **more):
    server = Server(tmp_path)
    server.write("/proc/meminfo", f"MemTotal: {mib * 1024} kB\n")
    return list(scanner(server.probe(), read_answers(text), **more))


@pytest.mark.parametrize("text", ["", "belgenet_clamav: false\n", "belgenet_clamav:\n", "belgenet_clamav: 'No'\n"])
def test_without_one_nothing_is_asked(tmp_path, text):
    assert found(tmp_path, 2048, text) == []


@pytest.mark.parametrize("word", ["true", "yes", "on", "True", "'yes'", '"On"'])
def test_with_one_it_is_refused_before_anything_changes(tmp_path, word):
    (finding,) = found(tmp_path, 7499, f"belgenet_clamav: {word}\n")
    assert (finding.code, finding.severity) == ("scanner_memory", "error")
    assert finding.values == {"found": "7499", "wanted": "7500"}
    assert found(tmp_path, 7500, ON) == []


def test_an_operator_may_know_better_as_for_the_playbook(tmp_path):
    assert found(tmp_path, 6000, f"{ON}{OWN}: 6000\n") == []
    assert found(tmp_path, 5999, f"{ON}{OWN}: 6000\n")[0].values["wanted"] == "6000"
    assert found(tmp_path, 7499, f"{ON}{OWN}: much\n")[0].values["wanted"] == "7500"


def test_answers_out_of_a_backup_cannot_be_changed_yet(tmp_path):
    assert [finding.severity for finding in found(tmp_path, 4096, ON, restoring=True)] == ["warning"]


def test_it_is_what_the_playbook_says():
    role = DEPLOY / "roles/clamav"
    assert yaml.safe_load((role / "defaults/main.yml").read_text(encoding="utf-8"))[OWN] == MEMORY_MIB
    assert f">= {OWN}" in (role / "tasks/scanner.yml").read_text(encoding="utf-8")
    assert yaml.safe_load((DEPLOY / "group_vars/all.yml").read_text(encoding="utf-8"))["belgenet_clamav"] is False
