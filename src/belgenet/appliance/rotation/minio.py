"""MinIO while its users' keys and its root's change."""

import time
from typing import Final

from belgenet.appliance.objectstore.place import LOCAL, read_places
from belgenet.appliance.rotation.store import callers_wait
from belgenet.appliance.run import CommandError, run

UNIT: Final = "belgenet-minio.service"
_PROVISION: Final = ("/usr/local/sbin/belgenet", "objectstore", "provision")
_APART: Final = ("systemd-run", "--quiet", "--collect", "--wait", "--pipe", "--service-type=exec")
"""In a unit of its own: who finishes a rotation may not speak to ports."""
_PORT: Final = int(LOCAL["minio"].rpartition(":")[2])
_SOON: Final = 1.0
"""Seconds within which requests under way come to their end."""
_READY: Final = 5.0
"""Seconds for which callers wait for it to be there again."""
_PATIENCE: Final = 60.0
"""Seconds within which it must answer."""


def used() -> bool:
    """Whether objects are in it, or browsers' older addresses lead to it."""
    return any(place is not None and place.backend == "minio" for place in read_places())


def provision() -> None:
    """It has a user for each key that the vault has now, and none for others. Nothing is cut.

    :raises CommandError: it does not answer, or refuses.
    """
    run([*_APART, *_PROVISION], timeout=600)


def restart() -> None:
    """It knows its root by the name and password that the vault has now, which it reads only when it starts.

    New callers wait meanwhile, as those of the bundled server do; what is being transferred breaks off.

    :raises CommandError: it does not answer, or refuses.
    """
    with callers_wait(_PORT, _SOON + _READY):
        time.sleep(_SOON)
        run(["systemctl", "restart", UNIT], timeout=120)
        time.sleep(_READY)
    until = time.monotonic() + _PATIENCE
    while True:
        try:
            return provision()
        except CommandError:
            if time.monotonic() > until:
                raise
        time.sleep(2)
