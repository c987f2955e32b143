"""The mirror of this machine, read for another release; the flat repository."""

import gzip
import hashlib
import re
import shutil
import subprocess

import pytest
from bundler import apt, repository
from bundler.run import BuildError
from bundler.targets import TARGETS

DEB822 = """\
Types: deb deb-src
# http://old.invalid/debian
URIs: http://mirror.invalid/debian
Suites: bookworm bookworm-updates
Components: main contrib
Signed-By: /usr/share/keyrings/debian.gpg

Types: deb
URIs: http://security.invalid/debian
Suites: bookworm-security
Components: main

Types: deb
Enabled: no
URIs: http://off.invalid/debian
Suites: bookworm
Components: main

Types: deb
URIs: http://else.invalid
Suites: stable nodistro
Components: main
"""


@pytest.fixture
def etc(tmp_path):
    folder = tmp_path / "etc"
    (folder / "apt/sources.list.d").mkdir(parents=True)
    (folder / "os-release").write_text('ID=debian\nVERSION_CODENAME=bookworm\nPRETTY_NAME="x"\n')
    return folder


def lines(etc, target="debian13"):
    return [source.line() for source in apt.sources_for(TARGETS[target], etc)]


def test_the_newer_format(etc):
    (etc / "apt/sources.list.d/debian.sources").write_text(DEB822)
    assert lines(etc) == [
        "deb [signed-by=/usr/share/keyrings/debian.gpg] http://mirror.invalid/debian trixie main contrib",
        "deb [signed-by=/usr/share/keyrings/debian.gpg] http://mirror.invalid/debian trixie-updates main contrib",
        "deb http://security.invalid/debian trixie-security main",
    ]


def test_the_older_format(etc):
    (etc / "apt/sources.list").write_text(
        "# deb http://off.invalid/debian bookworm main\n"
        "deb [arch=amd64 signed-by=/k.gpg] http://mirror.invalid/debian bookworm main\n"
        "deb-src http://mirror.invalid/debian bookworm main\n"
        "deb http://mirror.invalid/debian bookworm main\n"
        "deb http://mirror.invalid/debian bookworm-backports main\n"
    )
    assert lines(etc, "debian12") == [
        "deb [signed-by=/k.gpg] http://mirror.invalid/debian bookworm main",
        "deb http://mirror.invalid/debian bookworm main",
    ]


def test_another_distribution(etc):
    with pytest.raises(BuildError, match="built on ubuntu, this is debian"):
        lines(etc, "ubuntu24.04")


def test_no_archive_of_this_machines_release(etc):
    (etc / "apt/sources.list.d/x.list").write_text("deb http://mirror.invalid/debian stable main\n")
    with pytest.raises(BuildError, match="no archive of bookworm"):
        lines(etc)


def test_the_lists_name_what_the_playbooks_install(request):
    tasks = (request.config.rootpath / "deploy/ansible/roles/base/tasks/main.yml").read_text()
    block = re.search(r"base__packages:\n((?: +- .+\n)+)", tasks)[1]
    names = re.findall(r"^ +- \"?([a-z0-9.-]+)", block, re.MULTILINE)
    for target, major in (("debian12", "15"), ("debian13", "17"), ("ubuntu24.04", "16")):
        listed = set((request.config.rootpath / f"packaging/debs/{target}.txt").read_text().split())
        assert {f"postgresql-{major}" if name.startswith("postgresql") else name for name in names} <= listed
        assert {"python3-venv", "python3-apt", "openssh-client"} <= listed


needs_dpkg = pytest.mark.skipif(not shutil.which("dpkg-deb"), reason="needs dpkg")


def make_package(folder, name, version="1.0", depends=""):
    tree = folder / "tree" / name
    (tree / "DEBIAN").mkdir(parents=True)
    more = f"Depends: {depends}\n" if depends else ""
    head = f"Package: {name}\nVersion: {version}\nArchitecture: all\nMaintainer: x <x@y.test>\n{more}"
    (tree / "DEBIAN/control").write_text(f"{head}Description: short\n long\n .\n text\n")
    copyright_file = tree / f"usr/share/doc/{name}/copyright"
    copyright_file.parent.mkdir(parents=True)
    copyright_file.write_text(
        "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n\nFiles: *\nLicense: Expat\n"
    )
    target = folder / f"{name}_{version.replace(':', '%3a')}_all.deb"
    subprocess.run(["dpkg-deb", "--root-owner-group", "-b", tree, target], check=True, capture_output=True)
    return target


@needs_dpkg
def test_a_repository_that_apt_reads(tmp_path):
    packages = [make_package(tmp_path, "second", "2:1.0", depends="first (>= 1)"), make_package(tmp_path, "first")]
    controls = repository.write_repository(packages, tmp_path / "debs", 1_700_000_000)
    assert [(c["package"], c["version"], c["filename"]) for c in controls] == [
        ("first", "1.0", "./first_1.0_all.deb"),
        ("second", "2:1.0", "./second_2-1.0_all.deb"),
    ]
    source = apt.Apt(tmp_path / "apt", TARGETS["debian13"], [])
    (tmp_path / "apt/sources.list").write_text(f"deb [trusted=yes] file:{tmp_path}/debs ./\n")
    source.update()
    assert source.needed(["second"]) == ["first_1.0_all.deb", "second_2%3a1.0_all.deb"]


@needs_dpkg
def test_the_index_agrees_with_the_files(tmp_path):
    repository.write_repository([make_package(tmp_path, "first")], tmp_path / "debs", 1_700_000_000)
    text = (tmp_path / "debs/Packages").read_bytes()
    assert gzip.decompress((tmp_path / "debs/Packages.gz").read_bytes()) == text
    release = (tmp_path / "debs/Release").read_text()
    assert f" {hashlib.sha256(text).hexdigest()} {len(text)} Packages\n" in release
    assert "Date: Tue, 14 Nov 2023 22:13:20 GMT\n" in release
    package = (tmp_path / "debs/first_1.0_all.deb").read_bytes()
    assert f"SHA256: {hashlib.sha256(package).hexdigest()}\n" in text.decode()


@needs_dpkg
def test_the_order_of_the_packages_does_not_matter(tmp_path):
    packages = [make_package(tmp_path, name) for name in ("c", "a", "b")]
    for number, order in enumerate((packages, packages[::-1])):
        repository.write_repository(order, tmp_path / f"debs{number}", 1_700_000_000)
    for name in ("Packages", "Packages.gz", "Release"):
        assert (tmp_path / "debs0" / name).read_bytes() == (tmp_path / "debs1" / name).read_bytes()


@needs_dpkg
def test_a_package_that_no_archive_has(tmp_path):
    repository.write_repository([make_package(tmp_path, "first")], tmp_path / "debs", 1)
    source = apt.Apt(tmp_path / "apt", TARGETS["debian13"], [])
    (tmp_path / "apt/sources.list").write_text(f"deb [trusted=yes] file:{tmp_path}/debs ./\n")
    source.update()
    with pytest.raises(BuildError, match="third"):
        source.needed(["third"])
