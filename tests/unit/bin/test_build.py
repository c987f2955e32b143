"""The wheel and the source distribution: what is in them, and that the wheel works where nothing else of the project is.

The web client is a stand-in here, for a Python-only run has none; `bin/build`, which CI runs, holds the real one against the same
list.
"""

import os
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from belgenet.testing.servers.roles import DatabaseCredentials, DatabaseServer

ROOT = Path(__file__).parents[3]
SHIPPED = ("src", "config", "migrations", "*.md", "*.in", "*.ini", "LICENSE", "setup.py", "pyproject.toml")
KEY = "first:" + "a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s="


def run(*command: str | Path, folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("BELGENET_", "PYTHON", "COV_"))}
    environment = kept | {"PYTHONWARNINGS": "ignore"} | variables
    return subprocess.run(
        [str(word) for word in command],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )


def contents(dist: Path, root: Path) -> subprocess.CompletedProcess[str]:
    return run(sys.executable, ROOT / "bin" / "_contents.py", dist, root, folder=root)


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tracked sources as they are now, a stand-in of the client, and what lies about in a developer's checkout."""
    folder = tmp_path_factory.mktemp("checkout")
    listed = subprocess.run(["git", "ls-files", "-z", "--", *SHIPPED], cwd=ROOT, capture_output=True, check=True)
    for name in filter(None, listed.stdout.decode().split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name, follow_symlinks=False)
    for name, text in {
        "src/belgenet/static/web/index.html": '<script type="module" src="/assets/index-1.js"></script>',
        "src/belgenet/static/web/assets/index-1.js": "",
        "src/belgenet/static/web/manifest.webmanifest": "{}",
        "src/belgenet/static/web/.vite/manifest.json": "{}",
        "src/belgenet/__pycache__/app.cpython-311.pyc": "",
        "config/__pycache__/__init__.cpython-311.pyc": "",
        "tests/unit/test_x.py": "",
        "var/demo/secrets.json": "",
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


@pytest.fixture(scope="module")
def dist(tree: Path) -> Path:
    done = run(sys.executable, "-m", "build", "--no-isolation", "--outdir", "dist", folder=tree)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return tree / "dist"


def wheel(dist: Path) -> Path:
    (found,) = dist.glob("*.whl")
    return found


def test_both_hold_all_that_belongs_to_them_and_nothing_else(dist: Path, tree: Path) -> None:
    done = contents(dist, tree)
    assert (done.returncode, done.stderr) == (0, "")
    names = zipfile.ZipFile(wheel(dist)).namelist()
    assert not [name for name in names if name.endswith(".pyc") or "/tests/" in name or "secrets.json" in name]
    assert sum(name.startswith("belgenet/migrations/versions/0") for name in names) == len(
        list((ROOT / "migrations" / "versions").glob("0*.py"))
    )


@pytest.mark.parametrize(
    "lost",
    [
        "belgenet/migrations/versions/0001_core.py",
        "belgenet/static/web/assets/index-1.js",
        "belgenet/core/pdf/fonts/NotoSans-Regular.ttf",
        "belgenet/core/web/locale/tr.json",
        "belgenet/certificates/templates/page.html",
        "belgenet/config/production.ini",
    ],
)
def test_a_wheel_that_lacks_something_is_refused(dist: Path, tree: Path, tmp_path: Path, lost: str) -> None:
    shutil.copy(next(dist.glob("*.tar.gz")), tmp_path)
    with zipfile.ZipFile(wheel(dist)) as whole, zipfile.ZipFile(tmp_path / wheel(dist).name, "w") as part:
        for name in whole.namelist():
            if name != lost:
                part.writestr(name, whole.read(name))
    done = contents(tmp_path, tree)
    assert done.returncode == 1
    assert f"lacks {lost}" in done.stderr


@pytest.mark.parametrize("strange", ["tests/test_x.py", "belgenet/core/__pycache__/a.pyc", "var/demo/secrets.json"])
def test_a_wheel_that_holds_something_strange_is_refused(dist: Path, tree: Path, tmp_path: Path, strange: str) -> None:
    for file in dist.iterdir():
        shutil.copy(file, tmp_path)
    with zipfile.ZipFile(wheel(tmp_path), "a") as archive:
        archive.writestr(strange, "")
    done = contents(tmp_path, tree)
    assert done.returncode == 1
    assert f"holds {strange}" in done.stderr


@pytest.fixture(scope="module")
def installed(dist: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new environment with the wheel in it; what the wheel depends on is lent by ours, since there may be no network."""
    folder = tmp_path_factory.mktemp("installation") / "venv"
    assert run(sys.executable, "-m", "venv", "--without-pip", folder, folder=dist).returncode == 0
    python = folder / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-deps", "--no-index"]
    done = run(*pip, wheel(dist), folder=dist)
    assert done.returncode == 0, done.stderr
    # A folder named in a .pth file is searched last, and the .pth files in it (our editable install) are not read.
    (site,) = folder.glob("lib/python*/site-packages")
    (site / "lent.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return folder


def test_the_installed_package_is_the_wheels(installed: Path, tmp_path: Path) -> None:
    code = (
        "import belgenet, belgenet.client, belgenet.migrations, belgenet.config, belgenet.core.pdf as pdf\n"
        "for module in (belgenet, belgenet.migrations, belgenet.config, pdf): print(module.__file__)\n"
        "print(belgenet.client.ROOT / 'index.html')"
    )
    done = run(installed / "bin" / "python", "-c", code, folder=tmp_path)
    assert done.returncode == 0, done.stderr
    for line in done.stdout.splitlines():
        assert Path(line).is_relative_to(installed)
        assert Path(line).is_file()


def test_an_operator_can_begin_with_it(installed: Path, tmp_path: Path) -> None:
    command = installed / "bin" / "belgenet"
    assert run(command, "--version", folder=tmp_path).stdout.startswith("belgenet, version ")
    assert run(command, "settings", "init", "etc", folder=tmp_path).returncode == 0
    ini = tmp_path / "etc" / "production.ini"
    assert ini.read_text() == (ROOT / "production.ini").read_text()
    missing = run(command, "--config", ini, "settings", "check", folder=tmp_path)
    assert missing.returncode == 2
    assert "database.url" in missing.stderr
    secrets = {"DATABASE_URL": "postgresql+psycopg:///belgenet", "SECURITY_JWT_KEYS": KEY, "SECURITY_MASTER_KEYS": KEY}
    for name, secret in secrets.items():
        (tmp_path / name).write_text(secret + "\n")
    files = {f"BELGENET_{name}_FILE": str(tmp_path / name) for name in secrets}
    done = run(command, "--config", ini, "settings", "check", folder=tmp_path, **files)
    assert (done.returncode, done.stdout) == (0, "settings are valid\n"), done.stderr


@pytest.fixture
def empty(pg_server: DatabaseServer) -> Iterator[DatabaseCredentials]:
    made = pg_server.create_database(f"belgenet_wheel_{os.getpid()}")
    yield made
    pg_server.drop_database(made.name)


def test_it_finds_its_migrations(installed: Path, empty: DatabaseCredentials, tmp_path: Path) -> None:
    values = {"DATABASE_URL": empty.app_url, "DATABASE_OWNER_URL": empty.owner_url}
    values |= {"SECURITY_JWT_KEYS": KEY, "SECURITY_MASTER_KEYS": KEY}
    variables = {f"BELGENET_{name}": value for name, value in values.items()}
    for words in (["migrate"], ["migrate", "--check"]):
        done = run(installed / "bin" / "belgenet", *words, folder=tmp_path, **variables)
        assert done.returncode == 0, done.stderr
