"""Programs that the build starts."""

import os

import pytest
from bundler.run import BuildError, run


def test_what_a_program_printed(tmp_path):
    assert run("pwd", folder=tmp_path) == f"{tmp_path}\n".encode()
    assert run("cat", stdin=b"words") == b"words"


@pytest.mark.parametrize("mask", [0o077, 0o002])
def test_the_builders_umask_does_not_show(mask):
    before = os.umask(mask)
    try:
        assert run("sh", "-c", "umask").strip() == b"0022"
    finally:
        os.umask(before)


def test_a_failure_says_which_program_and_what_it_complained_about():
    with pytest.raises(BuildError, match=r"(?s)sh -c .*failed \(3\).*the reason") as failed:
        run("sh", "-c", "seq 50; echo the reason >&2; exit 3")
    assert "\n30\n" not in str(failed.value)
    assert "\n49\n" in str(failed.value)
