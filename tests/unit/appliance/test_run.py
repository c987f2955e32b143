"""Programs are run in a clean environment, and what they say when they fail is kept."""

import shutil
import subprocess

import pytest

from belgenet.appliance.run import CommandError, in_own_unit, run


def test_what_is_printed():
    assert run(["cat"], input="ığüşöç\n") == "ığüşöç\n"
    assert run(["cat"]) == "", "nothing to read by default"


def test_nothing_of_the_callers_environment_goes_along(monkeypatch):
    monkeypatch.setenv("BELGENET_SECRET", "x")
    monkeypatch.setenv("LANG", "tr_TR.UTF-8")
    seen = run(["env"], env={"WANTED": "1"}).split()
    assert "WANTED=1" in seen
    assert "LC_ALL=C.UTF-8" in seen
    assert not [line for line in seen if line.startswith(("BELGENET", "LANG="))]


@pytest.mark.parametrize(
    ("command", "code", "said"),
    [
        (["sh", "-c", "echo a; echo no space left >&2; exit 7"], 7, "sh: no space left"),
        (["sh", "-c", "echo only here; exit 1"], 1, "sh: only here"),
        (["sh", "-c", "exit 3"], 3, "sh: exit code 3"),
        (["no-such-program"], None, "no-such-program: there is no such program"),
    ],
)
def test_a_failure_has_its_code_and_last_words(command, code, said):
    with pytest.raises(CommandError) as failed:
        run(command)
    assert (failed.value.code, str(failed.value)) == (code, said)


def test_a_program_that_does_not_end_is_ended():
    with pytest.raises(CommandError, match="took longer than 0 s"):
        run(["sleep", "30"], timeout=0.2)


def test_one_that_tries_again_and_again_has_said_why():
    with pytest.raises(CommandError, match="retrying: access denied\ntook longer than 0 s"):
        run(["sh", "-c", "echo retrying: access denied >&2; exec sleep 30"], timeout=0.3)


def test_another_user_s_work_is_systemd_s_in_a_unit_without_capabilities():
    words = in_own_unit("nobody", ["sh", "-c", "echo $HOME"], "RuntimeMaxSec=5")
    assert words[0] == "systemd-run"
    assert {"--wait", "--pipe", "--property=User=nobody", "--property=CapabilityBoundingSet="} < set(words)
    assert words[words.index("--") + 1 :] == ["sh", "-c", "echo $$HOME"], "the shell's variable, and not systemd's"


def test_a_server_that_goes_into_the_background_is_not_waited_for():
    words = in_own_unit("nobody", ["true"], serves=True)
    assert "--property=Type=forking" in words
    assert not {"--wait", "--pipe"} & set(words), "they would wait for its end"


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="needs systemd-analyze")
def test_what_systemd_runs_as_another_user_is_as_closed_as_a_service(tmp_path):
    words = in_own_unit("nobody", ["true"], "RestrictAddressFamilies=AF_UNIX")
    given = [word.removeprefix("--property=") for word in words if word.startswith("--property=")]
    unit = tmp_path / "belgenet-trial.service"
    unit.write_text("\n".join(["[Service]", "ExecStart=/bin/true", *given]))
    analyze = ["systemd-analyze", "security", "--offline=true", "--no-pager", "--threshold=20", str(unit)]
    said = subprocess.run(analyze, capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stdout[-300:] + said.stderr
