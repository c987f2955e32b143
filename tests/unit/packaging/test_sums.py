"""Manifest, sums and signature."""

import hashlib
import json
import subprocess

import pytest
from bundler import sums
from bundler.run import BuildError


@pytest.fixture
def folder(tmp_path):
    found = tmp_path / "bundle"
    (found / "b").mkdir(parents=True)
    (found / "b/z.txt").write_text("z")
    (found / "a.txt").write_text("a")
    return found


@pytest.fixture
def key(tmp_path):
    sums.make_key(tmp_path / "key")
    return tmp_path / "key"


def check(folder):
    return subprocess.run(
        ["sha256sum", "--check", "--strict", "SHA256SUMS"], cwd=folder, capture_output=True, check=False
    ).returncode


def verify(folder):
    words = [
        "-f",
        folder / "release-signers",
        "-I",
        "release",
        "-n",
        "belgenet-release",
        "-s",
        folder / "SHA256SUMS.sig",
    ]
    with (folder / "SHA256SUMS").open() as listed:
        return subprocess.run(
            ["ssh-keygen", "-Y", "verify", *words], stdin=listed, capture_output=True, check=False
        ).returncode


def test_the_manifest_has_the_facts_and_every_file(folder):
    sums.write_manifest(folder, {"version": "1.0"})
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest == {
        "version": "1.0",
        "files": {"a.txt": hashlib.sha256(b"a").hexdigest(), "b/z.txt": hashlib.sha256(b"z").hexdigest()},
    }


def test_the_manifest_does_not_change_when_it_is_written_again(folder, key):
    sums.write_manifest(folder, {"version": "1.0"})
    first = (folder / "manifest.json").read_bytes()
    sums.write_sums(folder)
    sums.write_signers(folder, key)
    (folder / "release-signers").unlink()
    sums.write_manifest(folder, {"version": "1.0"})
    assert (folder / "manifest.json").read_bytes() == first


def test_sums_as_the_program_of_every_server_reads_them(folder):
    sums.write_manifest(folder, {})
    sums.write_sums(folder)
    assert check(folder) == 0
    assert [line[66:] for line in (folder / "SHA256SUMS").read_text().splitlines()] == [
        "a.txt",
        "b/z.txt",
        "manifest.json",
    ]


@pytest.mark.parametrize("damage", ["alter", "remove"])
def test_damage_is_noticed(folder, damage):
    sums.write_sums(folder)
    (folder / "a.txt").write_text("A") if damage == "alter" else (folder / "a.txt").unlink()
    assert check(folder) != 0


def test_a_signature_that_the_bundles_own_list_of_signers_accepts(folder, key):
    fingerprint = sums.write_signers(folder, key)
    sums.write_sums(folder)
    sums.sign(folder, key)
    assert verify(folder) == 0
    listed = subprocess.run(["ssh-keygen", "-lf", f"{key}.pub"], capture_output=True, text=True, check=True).stdout
    assert fingerprint == listed.split()[1]


def test_the_signature_does_not_fit_other_sums(folder, key):
    sums.write_signers(folder, key)
    sums.write_sums(folder)
    sums.sign(folder, key)
    (folder / "a.txt").write_text("A")
    sums.write_sums(folder)
    assert verify(folder) != 0


def test_the_same_key_gives_the_same_signature(folder, key):
    sums.write_signers(folder, key)
    sums.write_sums(folder)
    sums.sign(folder, key)
    first = (folder / "SHA256SUMS.sig").read_bytes()
    sums.sign(folder, key)
    assert (folder / "SHA256SUMS.sig").read_bytes() == first


def test_keys_whose_signatures_vary_are_refused(folder, tmp_path):
    subprocess.run(["ssh-keygen", "-q", "-t", "ecdsa", "-N", "", "-f", tmp_path / "ecdsa"], check=True)
    with pytest.raises(BuildError, match="Ed25519"):
        sums.write_signers(folder, tmp_path / "ecdsa")


def test_a_key_that_is_not_there(folder, tmp_path):
    with pytest.raises(BuildError, match="ssh-keygen"):
        sums.write_signers(folder, tmp_path / "none")
