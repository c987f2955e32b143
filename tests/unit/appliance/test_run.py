"""Programs are run in a clean environment, and what they say when they fail is kept."""

import pytest

from belgenet.appliance.run import CommandError, run


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
