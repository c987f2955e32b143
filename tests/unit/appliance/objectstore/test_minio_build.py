"""Which MinIO programs are let in. The programs are stand-ins that know nothing but ``--version``."""

import hashlib
import os

import pytest

from belgenet.appliance.objectstore.minio_build import RefusedError, holes_of, inspect

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="the program is run as nobody")
NEW = "2026-06-18T00-00-00Z"
LAST = "2025-09-07T16-13-09Z"


@pytest.fixture
def program(tmp_path):
    """Makes a program; gives its path and digest."""

    def make(said=f"minio version RELEASE.{NEW} (commit-id=x)", code=0):
        file = tmp_path / "minio"
        file.write_text(f"#!/bin/sh\nid -un > /dev/null\necho '{said}'\nexit {code}\n")
        file.chmod(0o755)
        return file, hashlib.sha256(file.read_bytes()).hexdigest()

    return make


def code_of(*arguments, **options):
    with pytest.raises(RefusedError) as refused:
        inspect(*arguments, **options)
    return refused.value.code


@pytest.mark.parametrize(
    ("release", "holes"),
    [
        ("2023-05-01T00-00-00Z", ["CVE-2025-62506", "GHSA-3rh2-v3gr-35p9"]),
        (LAST, ["CVE-2025-62506", "CVE-2026-40344", "CVE-2026-41145", "GHSA-3rh2-v3gr-35p9"]),
        ("2025-10-15T17-29-55Z", ["CVE-2026-40344", "CVE-2026-41145", "GHSA-3rh2-v3gr-35p9"]),
        ("2026-04-10T00-00-00Z", ["CVE-2026-40344", "CVE-2026-41145"]),
        (NEW, []),
    ],
)
def test_holes_are_known_by_release(release, holes):
    assert holes_of(release) == holes


@as_root
def test_a_build_without_known_holes_is_let_in(program):
    file, digest = program()
    assert inspect(file, digest.upper()).release == NEW


@as_root
def test_a_build_with_known_holes_only_on_demand(program):
    file, digest = program(f"minio version RELEASE.{LAST}")
    with pytest.raises(RefusedError) as refused:
        inspect(file, digest)
    assert refused.value.code == "minio_unpatched"
    assert "CVE-2026-41145" in refused.value.params["holes"]
    assert "CVE-2025-62506" in inspect(file, digest, accept_unpatched=True).holes


@as_root
def test_only_the_file_that_is_meant_is_run(program, tmp_path):
    file, digest = program()
    assert code_of(file, "0" * 64) == "minio_other_digest"
    assert code_of(file, "") == "minio_no_digest"
    assert code_of(tmp_path / "missing", digest) == "minio_no_program"
    file.chmod(0o777)
    assert code_of(file, digest) == "minio_writable"


@as_root
def test_it_must_be_minio_and_run_here(program):
    file, digest = program("weed 4.48")
    assert code_of(file, digest) == "minio_not_minio"
    file.write_text("not a program")
    assert code_of(file, hashlib.sha256(b"not a program").hexdigest()) == "minio_does_not_run"


@as_root
def test_it_is_run_as_nobody(tmp_path):
    file = tmp_path / "minio"
    file.write_text(f'#!/bin/sh\n[ "$(id -un)" = nobody ] && echo "RELEASE.{NEW}"\n')
    file.chmod(0o755)
    assert inspect(file, hashlib.sha256(file.read_bytes()).hexdigest()).release == NEW
