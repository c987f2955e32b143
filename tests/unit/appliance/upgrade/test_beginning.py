"""How a run begins, is refused, and is taken up again."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.unit.appliance.upgrade.ground import make

import belgenet
from belgenet.appliance.exclusive import exclusive
from belgenet.appliance.upgrade import programs, start
from belgenet.appliance.upgrade.journal import Journal, Run
from belgenet.appliance.upgrade.release import Failure
from belgenet.appliance.upgrade.telling import Teller
from belgenet.appliance.words import words
from belgenet.cli.upgrade import rollback, upgrade


def test_it_runs_out_of_a_wheel_with_nothing_but_the_standard_library(tmp_path):
    """The new release begins before anything of it is installed."""
    root = Path(belgenet.__file__).parent
    with zipfile.ZipFile(tmp_path / "belgenet.whl", "w") as wheel:
        for file in [root / "__init__.py", *(root / "appliance").rglob("*")]:
            if file.suffix in {".py", ".json"}:
                wheel.write(file, f"belgenet/{file.relative_to(root)}")
    script = (
        "import sys; sys.path.insert(0, sys.argv.pop(1)); from belgenet.appliance.upgrade.start import main, Words\n"
        "Words('upgrade', 'tr')('busy', reason='x'); sys.exit(main())"
    )
    words_ = [sys.executable, "-I", "-S", "-c", script, str(tmp_path / "belgenet.whl"), "--help"]
    done = subprocess.run(words_, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "--accept" in done.stdout


@pytest.fixture
def said(capfd):
    return lambda: capfd.readouterr().out


@pytest.fixture
def server(releases, tmp_path, monkeypatch):
    """Where ``start`` looks: folders of the test's own, a lock of its own, a server that is fit."""
    make(releases, "1.1.0", rollback_to="1.0.0")
    monkeypatch.setattr(start, "Releases", lambda: releases)
    monkeypatch.setattr(start, "exclusive", lambda verb: exclusive(verb, lock=tmp_path / "lock"))
    monkeypatch.setattr(programs, "preflight", lambda *_: (0, "fit"))
    return {"language": "en", "state": tmp_path / "state"}


def begin(server, bundle, **given):
    return start.upgrade(bundle, **{"incoming": None, "accept": "", "check": True, **server, **given})


@pytest.mark.parametrize(
    ("code", "state", "unfinished", "stays"),
    [(1, "", False, False), (1, "inactive", True, True), (255, "active", False, True), (0, "inactive", False, True)],
)
def test_the_copy_goes_when_systemd_cannot_start_the_unit(
    server, tmp_path, monkeypatch, code: int, state: str, unfinished: bool, stays: bool
):
    """It stays for one that runs though nobody waits for it, and for one that is to be taken up again."""
    (tmp_path / "incoming/belgenet").mkdir(parents=True)
    if unfinished:
        Journal(server["state"]).begin("upgrade", "1.0.0", "1.1.0", {"by": "1.1.0", "source": "x", "incoming": "x"})
    asked = []

    def program(words, **_):
        asked.append(words[0])
        said = "" if words[0] == "systemd-run" else f"{state}\n"
        return subprocess.CompletedProcess(words, code if words[0] == "systemd-run" else 0, said, "")

    monkeypatch.setattr(start, "STATE", server["state"])
    monkeypatch.setattr(programs, "run_all", lambda _: None)
    monkeypatch.setattr(start.subprocess, "run", program)
    with pytest.raises(SystemExit) as ended:
        start.as_unit(["upgrade.sh"], incoming=tmp_path / "incoming")
    assert (ended.value.code, asked[0]) == (code, "systemd-run")
    assert (tmp_path / "incoming").exists() == stays


def test_a_look_changes_nothing(server, releases, said):
    assert begin(server, releases.of("1.1.0").bundle) == start.OK
    assert not server["state"].exists()


def test_what_is_refused_before_anything_is_changed(server, releases, said, monkeypatch):
    assert begin(server, releases.of("1.0.0").bundle, check=False) == start.NO
    assert "is installed already" in said()
    monkeypatch.setattr(programs, "preflight", lambda *_: (15, "ERROR [downgrade]"))
    assert begin(server, releases.of("1.1.0").bundle, check=False) == start.NO
    assert "downgrade" in said()
    assert not server["state"].exists()


@pytest.mark.parametrize(("version", "answer"), [("1.0.0", start.NO), ("1.1.0", start.OK)])
def test_our_copy_of_a_bundle_goes_when_nothing_began(server, releases, tmp_path, version, answer):
    (tmp_path / "incoming/belgenet").mkdir(parents=True)
    assert begin(server, releases.of(version).bundle, incoming=tmp_path / "incoming") == answer
    assert not (tmp_path / "incoming").exists()


def test_the_copy_of_a_run_that_was_cut_off_stays(server, releases, tmp_path):
    (tmp_path / "incoming/belgenet").mkdir(parents=True)
    Journal(server["state"]).begin("upgrade", "1.0.0", "1.1.0", {"by": "1.1.0", "source": "x", "incoming": "x"})
    assert begin(server, releases.of("1.1.0").bundle, incoming=tmp_path / "incoming", check=False) == start.NO
    assert (tmp_path / "incoming").exists()


def test_what_breaks_is_agreed_to_first(server, releases, said):
    make(releases, "1.2.0", rollback_to="1.0.0", breaking=[{"version": "1.2.0", "en": "Old addresses end.", "tr": "x"}])
    assert begin(server, releases.of("1.2.0").bundle) == start.NO
    told = said()
    assert "Old addresses end." in told
    assert "--accept 1.2.0" in told
    assert begin(server, releases.of("1.2.0").bundle, accept="1.2.0") == start.OK


def test_a_release_without_a_way_back_is_agreed_to_first(server, releases, said):
    make(releases, "1.2.0", rollback_to="1.2.0")
    assert begin(server, releases.of("1.2.0").bundle) == start.NO
    assert "no way back" in said()


def test_one_at_a_time(server, releases, tmp_path, said):
    with exclusive("backup run", lock=tmp_path / "lock"):
        assert begin(server, releases.of("1.1.0").bundle) == start.BUSY
    assert "backup run" in said()


def test_nothing_new_before_the_last_run_is_at_its_end(server, releases, said):
    Journal(server["state"]).begin("upgrade", "1.0.0", "1.1.0", {})
    assert begin(server, releases.of("1.1.0").bundle) == start.NO
    assert start.rollback("", **server) == start.NO
    assert said().count("--resume") == 2


def test_nothing_to_resume(server, said):
    assert start.resume(**server) == start.OK
    assert "nothing to resume" in said()


def test_a_run_that_was_killed_while_it_copied_is_cleaned_up(server, releases, tmp_path, said, monkeypatch):
    monkeypatch.setattr("belgenet.appliance.upgrade.telling.LOGS", tmp_path / "log")
    monkeypatch.setattr(Teller.begin_log, "__defaults__", (tmp_path / "log",))
    journal = Journal(server["state"])
    (releases.folder / "1.2.0/bundle.new").mkdir(parents=True)
    journal.begin("upgrade", "1.0.0", "1.2.0", {"by": "1.2.0", "source": str(tmp_path / "gone"), "incoming": ""})
    journal.mark("prepare", "place", "begun")
    assert start.resume(**server) == start.BROKEN
    assert journal.last().outcome == "cleaned"
    assert not (releases.folder / "1.2.0").exists()
    assert "1.0.0 goes on running" in said()
    assert list((tmp_path / "log").iterdir())


def test_a_plan_for_each_kind_of_run(server, releases):
    tell = Teller(words("upgrade", "en"))
    for kind in start.PLANS:
        assert start.plan_of(Run(kind, "1.0.0", "1.1.0", {"by": "1.1.0"}), tell).commit


def test_a_closed_terminal_and_a_full_disk_stop_nobody(tmp_path, monkeypatch):
    def closed(*_):
        raise BrokenPipeError

    monkeypatch.setattr("os.write", closed)
    tell = Teller(words("upgrade", "tr"), tmp_path / "no such folder/log")
    tell("sure", bundle="x")
    tell.step("prepare", "place", "failed", Failure("disk_full", reason="x"))
    assert tell.of(Failure("disk_full", reason="x")) == "Disk dolu: x"
    assert tell.of(KeyboardInterrupt()) == "Siz durdurdunuz."
    assert tell.of(OSError("x")) == "OSError: x"


@pytest.mark.parametrize("command", [upgrade, rollback])
def test_only_for_root(command, monkeypatch):
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    done = CliRunner().invoke(command, ["--resume"] if command is upgrade else [])
    assert done.exit_code == 1
    assert "sudo" in done.output


@pytest.mark.parametrize("given", [[], ["--resume", "/"]])
def test_a_bundle_or_a_run_to_resume(given, monkeypatch):
    monkeypatch.setattr("os.geteuid", lambda: 0)
    assert CliRunner().invoke(upgrade, given).exit_code == 2
