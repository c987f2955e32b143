"""Secrets at rest: files that ``systemd-creds`` has sealed with the TPM or the host's key."""

import os
import subprocess
import tempfile
from pathlib import Path
from typing import Final

_PROGRAM: Final = "/usr/bin/systemd-creds"


class VaultError(Exception):
    """A secret cannot be sealed or opened on this machine."""


class Vault:
    """Sealed files in one folder that root alone may read.

    :param prefix: systemd puts it before a file's name when it loads a whole folder: ``LoadCredentialEncrypted=<prefix>:<folder>``
        gives ``<prefix>_<file>``. A sealed file opens under the name it was sealed for, and no other.
    """

    def __init__(self, folder: Path, *, prefix: str = "") -> None:
        self.folder = folder
        self._prefix = f"{prefix}_" if prefix else ""

    def names(self) -> list[str]:
        """Names of the secrets, sorted."""
        found = self.folder.iterdir() if self.folder.is_dir() else ()
        return sorted(file.name for file in found if not file.name.startswith("."))

    def read(self, name: str) -> str | None:
        """A secret's text; None when there is none. :raises VaultError: it was sealed elsewhere, or damaged."""
        file = self.folder / name
        if not file.exists():
            return None
        return _systemd_creds("decrypt", f"--name={self._prefix}{name}", str(file), "-").decode()

    def write(self, name: str, text: str) -> None:
        """Seal a secret; a crash leaves the old one or the new one."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        sealed = _systemd_creds("encrypt", f"--name={self._prefix}{name}", "-", "-", given=text.encode())
        handle, draft = tempfile.mkstemp(dir=self.folder, prefix=".")  # 0600
        with os.fdopen(handle, "wb") as file:
            file.write(sealed)
            file.flush()
            os.fsync(file.fileno())
        Path(draft).replace(self.folder / name)

    def remove(self, name: str) -> None:
        """Forget a secret; harmless when there is none."""
        (self.folder / name).unlink(missing_ok=True)


def _systemd_creds(*words: str, given: bytes = b"") -> bytes:
    try:
        done = subprocess.run([_PROGRAM, *words], input=given, capture_output=True, check=False)  # noqa: S603 -- our own words
    except FileNotFoundError:
        raise VaultError("the program systemd-creds is missing: systemd 250 or later is needed") from None
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        raise VaultError(f"systemd-creds {words[0]} {words[1]}: {said[-1] if said else f'exit code {done.returncode}'}")
    return done.stdout
