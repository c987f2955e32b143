"""What a demo folder remembers between starts: ports, generated secrets, demo accounts. And the lock on it."""

import base64
import fcntl
import json
import os
import secrets
import shutil
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from belgenet.testing.servers.ports import free_port
from belgenet.testing.servers.process import ServerError
from belgenet.testing.servers.unprivileged import unprivileged

PREFERRED_PORTS = {"web": 6543, "mail": 8025, "smtp": 2525, "psp": 8099}
"""Ports people may remember; taken by somebody else, a free one is used and kept."""


def _key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


def _new_secrets() -> dict[str, str]:
    return {
        "jwt_keys": f"demo:{_key()}",
        "master_keys": f"demo:{_key()}",
        "iyzico_key": f"sandbox-{secrets.token_hex(12)}",
        "iyzico_secret": f"sandbox-{secrets.token_hex(20)}",
        "stripe_key": f"sk_test_{secrets.token_hex(16)}",
        "stripe_webhook_secret": f"whsec_{secrets.token_hex(20)}",
    }


@dataclass
class DemoState:
    """Contents of ``state.json``.

    :param accounts: who can sign in, as `DemoAccount` dictionaries; empty until the demo data is loaded.
    """

    ports: dict[str, int] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=_new_secrets)
    accounts: list[dict[str, str]] = field(default_factory=list)
    data_loaded: bool = False

    @classmethod
    def load(cls, folder: Path) -> "DemoState":
        """Read the folder's state, a new one when it has none."""
        file = folder / "state.json"
        return cls(**json.loads(file.read_text())) if file.exists() else cls()

    def save(self, folder: Path) -> None:
        """Write the state, readable by the owner only."""
        folder.mkdir(parents=True, exist_ok=True)
        draft = folder / "state.json.part"
        draft.touch(mode=0o600)
        draft.write_text(json.dumps(asdict(self), indent=1))
        draft.replace(folder / "state.json")

    def port(self, name: str) -> int:
        """Return the port `name` had last time when it is free, else a new one."""
        taken = {port for other, port in self.ports.items() if other != name}
        port = free_port(self.ports.get(name, PREFERRED_PORTS.get(name)))
        while port in taken:
            port = free_port()
        self.ports[name] = port
        return port


class DemoLock:
    """Held while a demo runs on a folder; the kernel frees it however the process ends.

    :raises ServerError: on entering, when somebody else holds it.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._file: IO[str] | None = None

    def __enter__(self) -> Self:
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        self._file = self.folder.with_suffix(".lock").open("a+")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._file.seek(0)
            holder = self._file.read().strip() or "unknown"
            self._file.close()
            raise ServerError(f"the demo in {self.folder} is running already (process {holder})") from None
        self._file.truncate(0)
        self._file.write(str(os.getpid()))
        self._file.flush()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.truncate(0)
            self._file.close()


def forget(folder: Path) -> bool:
    """Delete a demo folder; False when there was none. The caller holds its lock."""
    elsewhere = unprivileged().reachable(folder / "postgres") if folder.exists() else folder
    if elsewhere.parent != folder:
        shutil.rmtree(elsewhere, ignore_errors=True)
    existed = folder.exists()
    shutil.rmtree(folder, ignore_errors=True)
    return existed
