"""The environments that install.sh makes: whole, at their place, and made anew beside the old one when a file was altered."""

import base64
import hashlib
import os
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest

import belgenet
from belgenet.appliance.installed import altered, contents

PACKAGING = Path(__file__).parents[3] / "packaging"
RELEASE = "installer/release.sh"
ABOUT = "Metadata-Version: 2.1\nName: demo\nVersion: 1.0\n"
ALL = ["venv", "venv.files"]
SAYS = "def main():\n    print('demo')\n"

pytestmark = pytest.mark.skipif(
    not shutil.which("dpkg")
    or subprocess.run(["/usr/bin/python3", "-c", "import ensurepip"], check=False).returncode != 0,
    reason="install.sh is for Debian and its relatives, with python3-venv",
)


def demo(folder: Path) -> str:
    """A wheel with one module and one program; its line for the requirements."""
    files = {
        "demo.py": SAYS,
        "demo-1.0.dist-info/METADATA": ABOUT,
        "demo-1.0.dist-info/WHEEL": "Wheel-Version: 1.0\nTag: py3-none-any\n",
    }
    files["demo-1.0.dist-info/entry_points.txt"] = "[console_scripts]\ndemo = demo:main\n"
    lines = [f"{name},sha256={code(text.encode())},{len(text)}" for name, text in files.items()]
    wheel = folder / "demo-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as packed:
        for name, text in {
            **files,
            "demo-1.0.dist-info/RECORD": "\n".join([*lines, "demo-1.0.dist-info/RECORD,,\n"]),
        }.items():
            packed.writestr(name, text)
    return f"demo==1.0 --hash=sha256:{hashlib.sha256(wheel.read_bytes()).hexdigest()}\n"


def programs(folder: Path) -> None:
    shutil.copy(PACKAGING / "install.sh", folder)
    shutil.copytree(PACKAGING / "installer", folder / "installer")


def code(content: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()


@pytest.fixture
def make(tmp_path):
    bundle, release = tmp_path / "bundle", tmp_path / "release 1"
    (bundle / "wheels").mkdir(parents=True)
    release.mkdir()
    programs(bundle)
    (bundle / "requirements.txt").write_text(demo(bundle / "wheels"))
    with zipfile.ZipFile(bundle / "wheels/belgenet-1.0-py3-none-any.whl", "w") as wheel:
        for name in ("__init__.py", "appliance/__init__.py", "appliance/installed.py"):
            wheel.write(Path(belgenet.__file__).parent / name, f"belgenet/{name}")

    def run(then=""):
        lines = f'source "$1/install.sh"; language=en first=""; make_venv "$2/venv" "$1/requirements.txt" "$1/wheels"; {then}'
        done = subprocess.run(
            ["bash", "-c", lines, "bash", bundle, release], capture_output=True, text=True, timeout=120, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return release / "venv", run


def test_it_works_at_its_place_and_is_made_once(make):
    venv, run = make
    assert "Making the Python environment" in run()
    assert subprocess.run([venv / "bin/demo"], capture_output=True, text=True, check=True).stdout == "demo\n"
    named = subprocess.run(["grep", "-rlI", "venv.new", venv], capture_output=True, text=True, check=False)
    assert named.stdout == "", "paths of the place where it was made"
    assert "Making" not in run()
    assert sorted(path.name for path in venv.parent.iterdir()) == ALL


def test_whoever_runs_it_writes_nothing_into_it(make):
    venv, run = make
    run()
    before = contents(venv)
    environment = {"PATH": os.environ["PATH"]}  # without PYTHONDONTWRITEBYTECODE
    for words in (["bin/demo"], ["bin/pip", "--version"], ["bin/python", "-m", "compileall", "-h"]):
        subprocess.run([venv / words[0], *words[1:]], capture_output=True, check=True, env=environment)
    assert contents(venv) == before
    for source in venv.rglob("*.py"):
        (compiled,) = (source.parent / "__pycache__").glob(f"{source.stem}.*.pyc")
        assert compiled.read_bytes()[4] == 1, f"{compiled} is written anew when the time of its source is another"


def plant(packages: Path) -> None:
    (packages / "evil.pth").write_text("import os\n")


def compiled(packages: Path) -> None:
    (file,) = packages.glob("__pycache__/demo.*.pyc")
    file.write_bytes(file.read_bytes()[:-1] + b"x")


ALTERATIONS = {
    "module changed": lambda packages: (packages / "demo.py").write_text("import os\n"),
    "module removed": lambda packages: (packages / "demo.py").unlink(),
    "compiled file changed": compiled,
    "file added": plant,
    "package's own list removed": lambda packages: shutil.rmtree(packages / "demo-1.0.dist-info"),
    "program changed": lambda packages: (packages.parents[2] / "bin/demo").write_text("#!/bin/sh\n"),
    "list removed": lambda packages: packages.parents[2].with_name("venv.files").unlink(),
}


@pytest.mark.parametrize("alter", ALTERATIONS.values(), ids=ALTERATIONS)
def test_what_was_altered_is_made_anew(make, alter):
    venv, run = make
    run()
    (module,) = venv.glob("lib/python3*/site-packages/demo.py")
    alter(module.parent)
    kept = (venv / "bin").stat().st_ino
    assert "were altered" in run()
    assert altered(venv) == []
    assert module.read_text() == SAYS
    assert not (module.parent / "evil.pth").exists()
    assert (venv / "bin").stat().st_ino != kept
    assert "Making" not in run()
    assert venv.with_name("venv.renewed").exists(), "the services have not been restarted, whatever came between"


def test_cut_off_between_the_two_moves_it_is_there_again(make):
    venv, run = make
    run()
    venv.rename(venv.with_name("venv.old"))
    assert "Making" not in run()
    assert sorted(path.name for path in venv.parent.iterdir()) == ALL
    shutil.copytree(venv, venv.with_name("venv.old"), symlinks=True)
    run()
    assert sorted(path.name for path in venv.parent.iterdir()) == ALL, "nor does the old one stay"
    venv.with_name("venv.files").rename(venv.with_name("venv.new.files"))
    assert "Making" not in run()
    assert sorted(path.name for path in venv.parent.iterdir()) == ALL, "its list follows it"


@pytest.mark.parametrize(("renewed", "restarts"), [("venv", True), ("ansible/venv", False), ("", False)])
def test_services_that_run_get_the_new_files(tmp_path, renewed, restarts):
    programs(tmp_path)
    text = (PACKAGING / RELEASE).read_text(encoding="utf-8").replace("/usr/local/sbin/belgenet", "echo belgenet")
    (tmp_path / RELEASE).write_text(text)
    (tmp_path / "release/ansible").mkdir(parents=True)
    if renewed:
        (tmp_path / f"release/{renewed}.renewed").touch()
    lines = 'source "$1"; language=en release=$2; restart_renewed'
    words = ["bash", "-c", lines, "bash", tmp_path / "install.sh", tmp_path / "release"]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    assert ("belgenet restart" in done.stdout) is restarts
    assert not list((tmp_path / "release").rglob("*.renewed"))
    main = (tmp_path / "install.sh").read_text(encoding="utf-8").partition("\nmain() {")[2]
    assert main.index("run_playbook") < main.index("restart_renewed") < main.index("\n  finish")


def test_services_that_could_not_be_restarted_are_another_time(tmp_path):
    programs(tmp_path)
    text = (PACKAGING / RELEASE).read_text(encoding="utf-8").replace("/usr/local/sbin/belgenet", "false")
    (tmp_path / RELEASE).write_text(text)
    (tmp_path / "venv.renewed").touch()
    lines = 'set -e; source "$1"; language=en release=$2; restart_renewed'
    words = ["bash", "-c", lines, "bash", tmp_path / "install.sh", tmp_path]
    assert subprocess.run(words, capture_output=True, check=False).returncode
    assert (tmp_path / "venv.renewed").exists()
