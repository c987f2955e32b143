"""The scripts people and CI run."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
SCRIPTS = sorted(
    path for path in (*(ROOT / "bin").iterdir(), ROOT / ".ci" / "run") if path.suffix == "" and path.is_file()
)
LIBRARY = ROOT / "bin" / "_bootstrap"


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_syntax_and_strictness(script: Path) -> None:
    assert subprocess.run(["bash", "-n", script], check=False).returncode == 0
    text = script.read_text()
    assert "set -euo pipefail" in text or "/_bootstrap" in text
    assert len(text.splitlines()) <= 250


@pytest.mark.parametrize("script", [path for path in SCRIPTS if path != LIBRARY], ids=lambda path: path.name)
def test_scripts_can_be_called(script: Path) -> None:
    assert os.access(script, os.X_OK)
    assert script.read_text().startswith("#!/usr/bin/env bash\n# ")


def test_every_script_has_its_alias() -> None:
    makefile = (ROOT / "Makefile").read_text()
    for script in SCRIPTS:
        if not script.name.startswith("_") and script.parent.name == "bin":
            assert re.search(rf"\b{script.name}\b", makefile), script.name


def test_ci_runs_what_people_run() -> None:
    text = (ROOT / ".ci" / "run").read_text()
    assert re.search(r"for step in lint audit build test-appliance test-reproducible test\b", text)


@pytest.fixture
def shell(tmp_path: Path):
    """Run bash code with the library loaded, on a machine that has only what `programs` names."""
    programs = tmp_path / "programs"
    programs.mkdir()
    checkout = tmp_path / "checkout"
    (checkout / "bin").mkdir(parents=True)
    shutil.copy(LIBRARY, checkout / "bin")
    for name in ("bash", "cat", "cut", "dirname", "env", "flock", "grep", "head", "mkdir", "sha256sum", "sort", "tail"):
        (programs / name).symlink_to(shutil.which(name) or f"/usr/bin/{name}")

    def add(name: str, text: str) -> None:
        (programs / name).write_text(f"#!/bin/bash\n{text}\n")
        (programs / name).chmod(0o755)

    def run(code: str) -> subprocess.CompletedProcess[str]:
        source = f'source "{checkout}/bin/_bootstrap"; mkdir -p var/log; {code}'
        environment = {"PATH": str(programs), "HOME": str(tmp_path)}
        return subprocess.run(
            ["/bin/bash", "-c", source], env=environment, capture_output=True, text=True, check=False, timeout=30
        )

    add("id", "echo 1000")
    add("sudo", "exit 1")
    run.add = add  # type: ignore[attr-defined]
    run.checkout = checkout  # type: ignore[attr-defined]
    return run


def test_missing_libraries_are_named_in_one_line_without_root(shell) -> None:
    shell.add("ldconfig", "echo 'libpango-1.0.so.0 (libc6) => /x'")
    shell.add("apt-get", "exit 1")
    done = shell("system_packages libraries")
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    for package in ("libpangoft2-1.0-0", "libharfbuzz-subset0", "libfontconfig1", "fontconfig"):
        assert package in done.stderr
    assert "libpango-1.0-0" not in done.stderr


def test_missing_libraries_are_installed_as_root(shell) -> None:
    shell.add("id", "echo 0")
    shell.add("ldconfig", ":")
    shell.add("apt-get", 'echo "$@" >> "$HOME/apt"')
    done = shell("system_packages libraries")
    assert done.returncode == 0, done.stderr
    lines = (shell.checkout.parent / "apt").read_text().splitlines()
    assert lines[0] == "update"
    assert lines[1].startswith("install -y --no-install-recommends libpango-1.0-0 ")


def test_passwordless_sudo_is_enough(shell) -> None:
    shell.add("sudo", '[[ $1 != -n ]] || shift; echo "sudo $*" >> "$HOME/sudo"; exec "$@"')
    shell.add("true", ":")
    shell.add("ldconfig", ":")
    shell.add("apt-get", ":")
    done = shell("system_packages libraries")
    assert done.returncode == 0, done.stderr
    assert "sudo apt-get update" in (shell.checkout.parent / "sudo").read_text()


def test_present_libraries_need_nothing(shell) -> None:
    names = "libpango-1.0.so.0 libpangoft2-1.0.so.0 libharfbuzz-subset.so.0 libfontconfig.so.1"
    shell.add("ldconfig", f"for name in {names}; do echo $name; done")
    shell.add("fc-list", ":")
    done = shell("system_packages libraries")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_packages_are_installed_by_one_script_at_a_time(shell) -> None:
    """`bin/test` asks for packages before it runs a step; two that start together would both run apt."""
    shell.add("id", "echo 0")
    shell.add("ldconfig", ":")
    shell.add("true", ":")
    held = 'flock -n "$HOME/checkout/var/bootstrap.lock" true && echo free >> "$HOME/apt" || echo held >> "$HOME/apt"'
    shell.add("apt-get", held)
    for code in ("system_packages libraries", "bootstrap libraries"):
        done = shell(code)
        assert done.returncode == 0, done.stderr
    assert (shell.checkout.parent / "apt").read_text().split() == ["held"] * 4


def test_who_comes_second_says_that_it_waits_and_frees_the_lock_after_itself(shell) -> None:
    shell.add("true", ":")
    shell.add("sleep", f'exec {shutil.which("sleep")} "$@"')
    done = shell(
        "exec 8>var/bootstrap.lock; flock 8; (sleep 1; flock -u 8) & exec 8>&-; system_packages; system_packages; "
        "flock -n var/bootstrap.lock true && echo free"
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("waiting for another run") == 1
    assert done.stdout.endswith("free\n")


def test_no_python_is_said_in_one_line(shell) -> None:
    done = shell("system_packages python")
    assert done.returncode == 1
    assert done.stderr == (
        "error: these system packages are missing; have them installed, then run this again: "
        "apt-get install python3 python3-venv\n"
    )


def test_all_that_is_missing_is_asked_for_at_once(shell) -> None:
    shell.add("ldconfig", "echo libpango-1.0.so.0 libpangoft2-1.0.so.0 libharfbuzz-subset.so.0 libfontconfig.so.1")
    shell.add("fc-list", ":")
    shell.add("pdftotext", ":")
    shell.add("git", ":")
    shell.add("ps", ":")
    done = shell("system_packages clients python libraries tests")
    assert done.returncode == 1
    assert done.stderr.rstrip().endswith(": apt-get install python3 python3-venv zbar-tools pgbackrest restic")


def test_an_old_python_does_not_count_and_a_fitting_one_is_found(shell) -> None:
    shell.add("python3", "exit 1")
    shell.add("python3.12", "exit 0")
    done = shell("find_python")
    assert done.stdout.strip().endswith("/python3.12")


def test_a_python_without_ensurepip_names_the_package(shell) -> None:
    shell.add("python3", 'case "$2" in *ensurepip*) exit 1;; *version_info\\[*) echo 3.12;; esac')
    done = shell("system_packages python")
    assert done.returncode == 1
    assert "python3.12-venv" in done.stderr


def test_a_failing_step_shows_the_end_of_its_log(shell) -> None:
    shell.add("broken", "echo the reason; exit 3")
    done = shell("quietly doing something -- broken; echo not reached")
    assert done.returncode == 1
    assert "the reason" in done.stderr
    assert "error: doing something: failed" in done.stderr
    assert "not reached" not in done.stdout


JUNIT = '<testsuites><testsuite><testcase name="a"/><testcase name="b">{}</testcase></testsuite></testsuites>'


def count(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, ROOT / "bin" / "_count.py", folder, *options]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("outcome", "closing", "code"),
    [
        ("", "2 passed, 0 failed", 0),
        ("<skipped/>", "1 passed, 0 failed", 0),
        ("<failure/>", "1 passed, 1 failed", 1),
        ("<error/>", "1 passed, 1 failed", 1),
    ],
)
def test_the_closing_line(tmp_path: Path, outcome: str, closing: str, code: int) -> None:
    (tmp_path / "python.xml").write_text(JUNIT.format(outcome))
    done = count(tmp_path, "--expect", "python")
    assert done.stdout.splitlines()[-1] == closing
    assert done.returncode == code


def test_files_of_one_step_are_added_up(tmp_path: Path) -> None:
    for name in ("clients-web", "clients-api", "python"):
        (tmp_path / f"{name}.xml").write_text(JUNIT.format(""))
    assert count(tmp_path, "--expect", "python clients").stdout.splitlines()[-1] == "6 passed, 0 failed"


@pytest.mark.parametrize("options", [["--expect", "python browser"], ["--expect", "python", "--failed", "python"]])
def test_a_step_that_ran_nothing_or_broke_off_is_a_failure(tmp_path: Path, options: list[str]) -> None:
    (tmp_path / "python.xml").write_text(JUNIT.format(""))
    done = count(tmp_path, *options)
    assert done.stdout.splitlines()[-1] == "2 passed, 1 failed"
    assert done.returncode == 1


def audit(folder: Path, python: object, clients: object) -> subprocess.CompletedProcess[str]:
    (folder / "python.json").write_text(json.dumps(python))
    (folder / "clients.json").write_text(json.dumps(clients))
    (folder / "python.err").write_text("could not connect")
    command = [sys.executable, ROOT / "bin" / "_audit.py", folder]
    return subprocess.run(command, capture_output=True, text=True, check=False)


CLEAN_PYTHON = {"dependencies": [{"name": "a", "version": "1", "vulns": []}]}
CLEAN_CLIENTS = {"vulnerabilities": {}, "metadata": {"dependencies": {"prod": 7}}}


def test_no_vulnerability_passes(tmp_path: Path) -> None:
    done = audit(tmp_path, CLEAN_PYTHON, CLEAN_CLIENTS)
    assert done.returncode == 0
    assert "WARNING" not in done.stdout


def test_a_vulnerable_python_package_fails(tmp_path: Path) -> None:
    flaw = {"id": "PYSEC-1", "fix_versions": ["2"]}
    done = audit(tmp_path, {"dependencies": [{"name": "a", "version": "1", "vulns": [flaw]}]}, CLEAN_CLIENTS)
    assert done.returncode == 1
    assert "VULNERABLE: a 1: PYSEC-1 (fixed in 2)" in done.stdout


def test_a_vulnerable_client_package_fails(tmp_path: Path) -> None:
    clients = {**CLEAN_CLIENTS, "vulnerabilities": {"left": {"severity": "high", "range": "<2"}}}
    done = audit(tmp_path, CLEAN_PYTHON, clients)
    assert done.returncode == 1
    assert "VULNERABLE: left: high (<2)" in done.stdout


SKIPPED = {"dependencies": [{"name": "a", "skip_reason": "not found"}]}
NO_ANSWER = {"message": "405 Method Not Allowed"}


def test_missing_advisories_are_no_clean_result(tmp_path: Path) -> None:
    done = audit(tmp_path, SKIPPED, NO_ANSWER)
    assert done.returncode == 3
    assert done.stdout.count("WARNING") == 2
    assert "not found" in done.stdout
    assert "405" in done.stdout
    assert "INCOMPLETE" in done.stdout


@pytest.mark.parametrize(
    ("python", "clients"), [({}, CLEAN_CLIENTS), (SKIPPED, CLEAN_CLIENTS), (CLEAN_PYTHON, NO_ANSWER)]
)
def test_half_an_audit_is_incomplete(tmp_path: Path, python: object, clients: object) -> None:
    assert audit(tmp_path, python, clients).returncode == 3


def test_a_vulnerability_outweighs_missing_advisories(tmp_path: Path) -> None:
    clients = {**CLEAN_CLIENTS, "vulnerabilities": {"left": {"severity": "high", "range": "<2"}}}
    assert audit(tmp_path, SKIPPED, clients).returncode == 1


def ci(folder: Path, codes: dict[str, int], **variables: str) -> subprocess.CompletedProcess[str]:
    """Run .ci/run over steps that only end with a status."""
    for name in ("lint", "audit", "build", "test-appliance", "test-reproducible", "test"):
        (folder / "bin").mkdir(exist_ok=True)
        (folder / "bin" / name).write_text(f"#!/bin/sh\nexit {codes.get(name, 0)}\n")
        (folder / "bin" / name).chmod(0o755)
    (folder / ".ci").mkdir()
    shutil.copy(ROOT / ".ci" / "run", folder / ".ci")
    environment = {"PATH": os.environ["PATH"], **variables}
    return subprocess.run([folder / ".ci" / "run"], env=environment, capture_output=True, text=True, check=False)


def test_ci_warns_of_an_audit_without_advisories(tmp_path: Path) -> None:
    done = ci(tmp_path, {"audit": 3})
    assert done.returncode == 0
    assert done.stderr.startswith("WARNING: bin/audit could not look up every dependency")


def test_ci_warns_where_servers_cannot_be_booted_and_need_not(tmp_path: Path) -> None:
    done = ci(tmp_path, {"test-appliance": 3}, APPLIANCE_OPTIONAL="1")
    assert done.returncode == 0
    assert done.stderr.startswith("WARNING: bin/test-appliance could not boot servers")


def test_ci_warns_where_bundles_cannot_be_built_and_need_not(tmp_path: Path) -> None:
    done = ci(tmp_path, {"test-reproducible": 3}, APPLIANCE_OPTIONAL="1")
    assert done.returncode == 0
    assert done.stderr.startswith("WARNING: bin/test-reproducible could not build bundles")


@pytest.mark.parametrize(
    ("codes", "variables", "named"),
    [
        ({"test-appliance": 3}, {}, "bin/test-appliance"),
        ({"test-appliance": 1}, {}, "bin/test-appliance"),
        ({"test-reproducible": 1}, {}, "bin/test-reproducible"),
        ({"test-reproducible": 3}, {}, "bin/test-reproducible"),
        ({"audit": 3}, {"AUDIT_OFFLINE_OK": "0"}, "bin/audit"),
        ({"audit": 1}, {}, "bin/audit"),
        ({"lint": 3, "test": 1}, {}, "bin/lint bin/test"),
    ],
)
def test_ci_fails_with_its_steps(tmp_path: Path, codes: dict[str, int], variables: dict[str, str], named: str) -> None:
    done = ci(tmp_path, codes, **variables)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == f"failed: {named}"


def test_ci_is_silent_when_all_is_well(tmp_path: Path) -> None:
    done = ci(tmp_path, {})
    assert (done.returncode, done.stderr) == (0, "")
