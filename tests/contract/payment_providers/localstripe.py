"""localstripe as a separate process in its own virtual environment (GPL-3.0: never imported, never installed beside us)."""

import fcntl
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import httpx

from belgenet.testing.servers.ports import free_port
from belgenet.testing.servers.process import ManagedProcess

ROOT = Path(__file__).resolve().parents[3]
LOCK = ROOT / "requirements" / "localstripe.txt"
# Its own command binds every interface; this one binds loopback.
RUN = (
    "import sys; from aiohttp import web; from localstripe.server import app; "
    "web.run_app(app, host='127.0.0.1', port=int(sys.argv[1]))"
)


def python() -> Path:
    """Return the interpreter of the environment, built from hashed locks when it is not there or out of date."""
    folder = ROOT / "var" / "localstripe"
    folder.mkdir(parents=True, exist_ok=True)
    stamp, program = folder / "installed.txt", folder / "venv" / "bin" / "python"
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not stamp.exists() or stamp.read_text() != LOCK.read_text():
            uv = [sys.executable, "-m", "uv"]
            subprocess.run([*uv, "venv", "-q", "--clear", "--python", sys.executable, program.parents[1]], check=True)
            install = [*uv, "pip", "install", "-q", "--require-hashes", "--python", program, "-r", LOCK]
            subprocess.run(install, check=True)
            stamp.write_text(LOCK.read_text())
    return program


@contextmanager
def running(folder: Path):
    """Run localstripe with its state below `folder`; yield its address."""
    port = free_port()
    command = [str(python()), "-W", "ignore", "-c", RUN, str(port)]
    environment = {"TMPDIR": str(folder), "HOME": str(folder)}
    process = ManagedProcess("localstripe", command, log=folder / "localstripe.log", env=environment)
    process.start()
    url = f"http://127.0.0.1:{port}"
    try:
        process.wait_ready(lambda: _answers(url), 60)
        yield url
    finally:
        process.stop()


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/v1/balance", auth=("sk_test_12345", ""), trust_env=False).status_code < 500
    except httpx.HTTPError:
        return False
