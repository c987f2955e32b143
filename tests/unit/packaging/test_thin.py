"""The package for servers that reach their distribution's mirror."""

import subprocess

import pytest
from bundler import sums, thin

FACTS = {"version": "1.2.3", "os": "debian13", "arch": "amd64", "source_date_epoch": 1_700_000_000}


@pytest.fixture
def bundle(tmp_path):
    """A whole one."""
    found = tmp_path / "bundle"
    for name in ("install.sh", "debs/a.deb", "wheels/w.whl", "ansible/debs/kept.txt"):
        (found / name).parent.mkdir(parents=True, exist_ok=True)
        (found / name).write_text(name)
    (found / "install.sh").write_text('#!/bin/sh\necho "installing $*"\n')
    (found / "install.sh").chmod(0o755)
    sums.make_key(tmp_path / "key")
    sums.write_signers(found, tmp_path / "key")
    return found


def build(bundle, tmp_path, name):
    place = tmp_path / name
    place.mkdir()
    return thin.package(bundle, FACTS, tmp_path / "key", place, place)


def say(*words, cwd=None):
    return subprocess.run(words, capture_output=True, text=True, check=True, cwd=cwd).stdout


def test_it_holds_all_but_the_distributions_packages_and_is_signed_anew(bundle, tmp_path):
    deb = build(bundle, tmp_path, "one")
    assert deb.name == "belgenet_1.2.3-1~debian13_amd64.deb"
    say("dpkg-deb", "--extract", deb, tmp_path / "root")
    inner = tmp_path / "root" / thin.FOLDER
    assert not (inner / "debs").exists()
    assert (inner / "ansible/debs/kept.txt").exists()
    assert (bundle / "debs/a.deb").exists()
    say("sha256sum", "--check", "--strict", "SHA256SUMS", cwd=inner)
    assert "debs/a.deb" not in (inner / "manifest.json").read_text()
    words = ["-Y", "verify", "-f", "release-signers", "-I", sums.PRINCIPAL, "-n", sums.NAMESPACE]
    with (inner / "SHA256SUMS").open() as listed:
        subprocess.run(["ssh-keygen", *words, "-s", "SHA256SUMS.sig"], cwd=inner, stdin=listed, check=True)


def test_its_command_is_the_installer(bundle, tmp_path):
    deb = build(bundle, tmp_path, "one")
    listed = say("dpkg-deb", "--contents", deb)
    for name in ("./usr/sbin/belgenet-install", f"./{thin.FOLDER}/install.sh"):
        assert any(line.startswith("-rwxr-xr-x root/root") and line.endswith(name) for line in listed.splitlines())
    assert say("dpkg-deb", "--field", deb, "Depends").split(", ") == [*thin.NEEDED[:-1], f"{thin.NEEDED[-1]}\n"]


def test_the_same_bundle_gives_the_same_bytes(bundle, tmp_path):
    assert sums.digest(build(bundle, tmp_path, "one")) == sums.digest(build(bundle, tmp_path, "two"))
