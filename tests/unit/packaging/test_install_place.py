"""A bundle in a folder that others than root can change: install.sh goes on from a copy that they cannot."""

import fcntl
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from bundler import sums
from tests.unit.packaging.test_install import here_is

from belgenet.appliance.upgrade import start

PACKAGING = Path(__file__).parents[3] / "packaging"
LOOK = "import os, sys; print('looks from', os.path.dirname(os.path.abspath(__file__)), *sys.argv[1:])\n"
SOMEBODY = 65534

pytestmark = [
    pytest.mark.skipif(not shutil.which("dpkg"), reason="install.sh is for Debian and its relatives"),
    pytest.mark.skipif(os.geteuid() != 0, reason="gives files to others"),
]


@pytest.fixture
def bundle(tmp_path):
    """A signed one, whose installer uses a folder of the test instead of /opt/belgenet, and looks at nothing."""
    folder = tmp_path / "home/belgenet 1.0.0"
    shutil.copytree(PACKAGING / "installer", folder / "installer")
    text = (PACKAGING / "install.sh").read_text(encoding="utf-8")
    for name, other in (
        ("base=/opt/belgenet", f"base={tmp_path}/opt"),
        ("/run/belgenet-", f"{tmp_path}/"),
        ("/var/lib/belgenet", f"{tmp_path}/var"),
    ):
        assert name in text
        text = text.replace(name, other)
    (folder / "install.sh").write_text(text)
    (folder / "preflight.py").write_text(LOOK)
    sums.make_key(tmp_path / "key")
    sums.write_signers(folder, tmp_path / "key")
    arch = subprocess.run(["dpkg", "--print-architecture"], check=True, capture_output=True, text=True).stdout.strip()
    sums.write_manifest(folder, {"version": "1.0.0", "os": here_is(), "arch": arch, "python": "3.13"})
    sums.write_sums(folder)
    sums.sign(folder, tmp_path / "key")
    for path in [folder, *folder.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)
    return folder


@pytest.fixture
def check(bundle, tmp_path):
    (tmp_path / "answers.yml").write_text("x: y\n")

    def run():
        words = ["bash", bundle / "install.sh", "--check", "--lang", "en", "--answers", "answers.yml"]
        done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
        return done.returncode, done.stdout + done.stderr

    return run


def give(path: Path) -> None:
    os.chown(path, SOMEBODY, SOMEBODY)


EXPOSED = {
    "its owner": give,
    "the owner of a folder on the way": lambda bundle: give(bundle.parent),
    "the owner of a file": lambda bundle: give(bundle / "installer/release.sh"),
    "a group": lambda bundle: (bundle / "installer").chmod(0o775),
    "everybody": lambda bundle: (bundle / "preflight.py").chmod(0o646),
    "everybody who may write on the way": lambda bundle: bundle.parent.chmod(0o777),
}


@pytest.mark.parametrize("expose", EXPOSED.values(), ids=EXPOSED)
def test_what_others_can_change_is_copied_first_and_the_copy_goes(bundle, check, tmp_path, expose):
    expose(bundle)
    code, said = check()
    assert code == 0, said
    assert f"Others than root can change the bundle's folder {bundle}" in said
    assert f"looks from {tmp_path}/opt/unpacked/bundle --site " in said
    assert f"--handbook {bundle}/docs/operator" in said, "a page that is still there when the copy is not"
    assert not (tmp_path / "opt").exists()


def test_what_only_root_can_change_is_used_as_it_lies(bundle, check, tmp_path):
    bundle.parent.chmod(0o1777)  # like /tmp: nobody can move there what is root's
    code, said = check()
    assert code == 0, said
    assert f"looks from {bundle} --site " in said
    assert "Others than root" not in said


def test_the_copy_is_what_is_verified(bundle, check, tmp_path):
    give(bundle)
    with (bundle / "preflight.py").open("a") as file:
        file.write("# x\n")
    code, said = check()
    assert (code, "preflight.py: FAILED" in said, "looks from" in said) == (10, True, False), said
    assert not (tmp_path / "opt").exists()


def test_a_link_in_the_folder_is_not_followed(bundle, check, tmp_path):
    give(bundle)
    (tmp_path / "secret").write_text("s")
    (bundle / "link").symlink_to(tmp_path / "secret")
    code, said = check()
    assert (code, "not on its list" in said) == (10, True), said


def test_the_copy_belongs_to_root_alone(bundle, tmp_path):
    give(bundle / "preflight.py")
    (bundle / "preflight.py").chmod(0o4777)
    looks = f"find '{tmp_path}/opt/unpacked' ! -uid 0 -o -perm /7022; stat -c %a '{tmp_path}/opt/unpacked'"
    script = f'source "$1/install.sh"; language=en; exec() {{ {looks}; }}; work_from_own_place'
    done = subprocess.run(["bash", "-c", script, "bash", bundle], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[2:] == ["700"], done.stdout + done.stderr


def test_too_little_room_is_said_and_nothing_stays(bundle, tmp_path):
    give(bundle)
    script = 'source "$1/install.sh"; language=$2; df() { printf "Avail\\n  0\\n"; }; work_from_own_place'
    for language, text in (("en", "ERROR: [no_room] There are 0 MiB free for"), ("tr", "HATA: [no_room]")):
        words = ["bash", "-c", script, "bash", bundle, language]
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        assert (done.returncode, text in done.stderr) == (14, True), done.stdout + done.stderr
    assert not (tmp_path / "opt").exists()


def test_the_copy_goes_when_another_command_took_the_lock_meanwhile(bundle, tmp_path):
    own = tmp_path / "opt/unpacked/bundle"
    shutil.copytree(bundle, own)
    with (tmp_path / "server.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = subprocess.run(
            ["bash", own / "install.sh", "--check"], capture_output=True, text=True, timeout=60, check=False
        )
    assert done.returncode == 4, done.stdout + done.stderr
    assert not (tmp_path / "opt").exists()


def test_what_a_killed_run_left_goes(check, tmp_path):
    (tmp_path / "opt/unpacked/bundle").mkdir(parents=True)
    (tmp_path / "opt/releases").mkdir()
    assert check()[0] == 0
    assert [path.name for path in (tmp_path / "opt").iterdir()] == ["releases"]


def test_an_upgrade_that_takes_over_removes_the_copy(bundle, tmp_path):
    script = (
        'source "$1/install.sh"; language=en; fact() { echo 2.0.0; }; copied=/x/unpacked; systemd-run() { echo "$@"; }; '
        'mkdir -p "$base"; ln -s releases/1.0.0 "$base/current"; hand_over; echo goes on'
    )
    done = subprocess.run(["bash", "-c", script, "bash", bundle], capture_output=True, text=True, check=True)
    assert done.stdout.rstrip().endswith("/upgrade.sh --lang en --incoming /x/unpacked")
    assert {f"--property={limit}" for limit in start.LIMITS} < set(done.stdout.split()), (
        "as the command that upgrades has it"
    )


@pytest.mark.parametrize(
    ("state", "unfinished", "stays"), [("", False, False), ("inactive", True, True), ("active", False, True)]
)
def test_the_copy_goes_when_systemd_cannot_start_the_upgrade(bundle, tmp_path, state, unfinished, stays):
    """It stays for one that runs though nobody waits for it, and for one that is to be taken up again."""
    if unfinished:
        (tmp_path / "var/upgrade").mkdir(parents=True)
        (tmp_path / "var/upgrade/unfinished").touch()
    script = (
        'source "$1/install.sh"; language=en; fact() { echo 2.0.0; }; copied=$base/unpacked; systemd-run() { return 1; }; '
        f'systemctl() {{ echo {state}; }}; mkdir -p "$copied/bundle"; ln -s releases/1.0.0 "$base/current"; hand_over'
    )
    done = subprocess.run(["bash", "-c", script, "bash", bundle], capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr
    assert (tmp_path / "opt/unpacked/bundle").exists() == stays


def test_what_was_planted_in_the_installed_bundle_goes(bundle, tmp_path):
    script = 'source "$1/install.sh"; language=en; place_bundle; '
    script += 'touch "$release/bundle/installer/x.sh"; place_bundle; place_bundle; ls "$release/bundle/installer"'
    done = subprocess.run(["bash", "-c", script, "bash", bundle], capture_output=True, text=True, check=True)
    assert done.stdout.split()[-2:] == ["bundle.sh", "release.sh"]
    assert done.stdout.count("Copying the bundle") == 2
