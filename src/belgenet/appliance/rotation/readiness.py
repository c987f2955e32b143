"""Whether the bundled S3 server keeps files, asked on its Unix socket: past the firewall, and past those who wait for it."""

import http.client
import secrets
import socket
from pathlib import Path
from typing import Final

from belgenet.appliance.objectstore.conformance import PREFIX
from belgenet.appliance.objectstore.place import Keys, Place
from belgenet.appliance.objectstore.signing import presign

_KEY: Final = f"{PREFIX}rotation/ready"
"""One for all tries: what a failed one leaves, the next takes away."""
_PATIENCE: Final = 5.0
"""Seconds for one answer."""


def keeps(door: Path, place: Place, keys: Keys) -> bool:
    """Whether it takes a small file, gives it back and forgets it.

    Its own word for being well (``/healthz``) is its door's alone, given also while the volumes behind it are not there: reading a
    file is then answered with 500. All volumes come at one moment, so one file stands for all.

    :param door: its Unix socket.
    :param keys: of somebody who may write to the place's bucket.
    """
    content = secrets.token_hex(16).encode()
    try:
        return (
            _ask(door, "PUT", place, keys, _KEY, content)[0] == http.client.OK
            and _ask(door, "GET", place, keys, _KEY) == (http.client.OK, content)
            and _ask(door, "DELETE", place, keys, _KEY)[0] == http.client.NO_CONTENT
        )
    except (OSError, http.client.HTTPException):
        return False


def _ask(door: Path, method: str, place: Place, keys: Keys, key: str, body: bytes | None = None) -> tuple[int, bytes]:
    address = presign(method, place, keys, key)
    line = http.client.HTTPConnection(place.host, timeout=_PATIENCE)
    line.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        line.sock.settimeout(_PATIENCE)
        line.sock.connect(str(door))
        line.request(method, address.partition(place.host)[2], body)
        answer = line.getresponse()
        return answer.status, answer.read()
    finally:
        line.close()
