"""The bundled S3 server while its secrets change."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from belgenet.appliance.objectstore.place import LOCAL, Keys, Place
from belgenet.appliance.rotation.readiness import keeps
from belgenet.appliance.run import run

UNIT: Final = "belgenet-objects.service"
USERS: Final = Path("/run/belgenet-objects/s3.json")
"""Who may ask; read at a reload."""
DOOR: Final = Path("/run/belgenet-objects/s3.sock")
PLACE: Final = Place("seaweedfs", LOCAL["seaweedfs"])
_PORT: Final = 8333
_SOON: Final = 1.0
"""Seconds within which a reload is done, and requests under way come to their end."""
_START: Final = 40.0
"""Seconds within which files can be read and written again; as long do callers wait at most."""
_SPARE: Final = 30.0
"""Seconds that the pause lasts beyond that: a program is started in between, and its last answer may be late."""
_PAUSE: Final = """
table inet belgenet_pause
delete table inet belgenet_pause
table inet belgenet_pause {{
  set paused {{ type inet_service; flags timeout; elements = {{ {port} timeout {seconds}s }} }}
  chain in {{
    type filter hook input priority -5; policy accept;
    iifname "lo" tcp dport @paused tcp flags & (fin | syn | rst | ack) == syn drop
  }}
}}
"""


class StoreError(Exception):
    """The S3 server did not come back."""


def runs() -> bool:
    """Whether it is on."""
    said = run(["systemctl", "show", "--property=ActiveState", "--value", UNIT])
    return said.strip() in {"active", "reloading"}


def reload() -> None:
    """It reads anew who may ask."""
    run(["systemctl", "reload", UNIT])
    time.sleep(_SOON)


def restart(keys: Keys) -> None:
    """It starts anew, in a few seconds. Who asks meanwhile is not refused: the kernel lets the call wait and tries it again.

    A stop in order takes the better part of a minute, in which writing fails; so it is ended at once, which loses nothing that was
    acknowledged. Callers are let in only when a file was written and read: its door opens before the volumes are there, up to
    some seconds.

    :param keys: of somebody who may write to its bucket.
    :raises StoreError: it does not keep files.
    """
    with callers_wait(_PORT, _SOON + _START):
        time.sleep(_SOON)
        run(["systemctl", "kill", "--signal=KILL", UNIT])
        run(["systemctl", "restart", UNIT])
        _wait(keys)


@contextmanager
def callers_wait(port: int, seconds: float) -> Iterator[None]:
    """The kernel lets calls to a port of this server wait. Should this process not live to end it, it ends by itself.

    :param seconds: as long as it takes at most.
    """
    run(["nft", "-f", "-"], input=_PAUSE.format(port=port, seconds=int(seconds + _SPARE)))
    try:
        yield
    finally:
        run(["nft", "delete", "table", "inet", "belgenet_pause"])


def _wait(keys: Keys) -> None:
    until = time.monotonic() + _START
    while not keeps(DOOR, PLACE, keys):
        if time.monotonic() > until:
            raise StoreError(f"{UNIT} does not keep files")
        time.sleep(0.2)
