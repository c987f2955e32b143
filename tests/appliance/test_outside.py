"""The doors to what stands outside of a machine."""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from tests.appliance.doors import Doors
from tests.appliance.installation import read_play
from tests.common.authority import Authority

from belgenet.testing.servers.ports import free_port

pytestmark = pytest.mark.appliance
HERE = "127.0.0.1"


@contextmanager
def inner(answer: Callable[[bytes], bytes]) -> Iterator[int]:
    """A server that reads until its caller is done, then answers."""
    with socket.create_server((HERE, 0)) as listening:

        def serve() -> None:
            line, _ = listening.accept()
            with line:
                heard = b"".join(iter(lambda: line.recv(65536), b""))
                line.sendall(answer(heard))

        thread = threading.Thread(target=serve)
        thread.start()
        yield listening.getsockname()[1]
        thread.join(10)


def test_a_door_carries_both_ways_until_each_side_is_done():
    port = free_port()
    with inner(lambda heard: heard[::-1]) as server, Doors((HERE, port, server, None)):
        with socket.create_connection((HERE, port)) as line:
            line.sendall(b"abc" * 100_000)
            line.shutdown(socket.SHUT_WR)
            heard = b"".join(iter(lambda: line.recv(65536), b""))
        assert heard == b"cba" * 100_000


def test_a_door_with_tls_shows_a_certificate_that_its_authority_signed(tmp_path: Path):
    port, authority = free_port(), Authority(tmp_path)
    with (
        Doors((HERE, port, free_port(), authority.server(HERE))),
        socket.create_connection((HERE, port)) as line,
        authority.client().wrap_socket(line, server_hostname=HERE) as safe,
    ):
        assert safe.getpeercert()["subjectAltName"] == (("IP Address", HERE),)
        assert safe.recv(1) == b"", "nobody behind the door, so it closes"


@pytest.mark.parametrize("tls", [True, False])
def test_closing_a_door_cuts_who_still_stands_in_it(tmp_path: Path, tls: bool):
    """Browsers keep their connections open, also after an answer."""
    port, authority = free_port(), Authority(tmp_path)
    with inner(bytes) as server:
        doors = Doors((HERE, port, server, authority.server(HERE) if tls else None))
        doors.open()
        with socket.create_connection((HERE, port)) as plain:
            line = authority.client().wrap_socket(plain, server_hostname=HERE) if tls else plain
            with line:
                line.sendall(b"abc")
                line.settimeout(10)
                time.sleep(0.2)
                doors.close()
                with suppress(ConnectionError, ssl.SSLError):
                    assert line.recv(1) == b""


def test_others_do_not_trust_that_authority(tmp_path: Path):
    port = free_port()
    with (
        Doors((HERE, port, free_port(), Authority(tmp_path).server(HERE))),
        socket.create_connection((HERE, port)) as line,
        pytest.raises(ssl.SSLCertVerificationError),
    ):
        ssl.create_default_context().wrap_socket(line, server_hostname=HERE)


SAID = """
TASK [app : Settings] **********************************************************
changed: [localhost]

TASK [app : Units] *************************************************************
ok: [localhost] => (item=a)
changed: [localhost] => (item=b)
changed: [localhost] => (item=c)

TASK [nginx : It runs] *********************************************************
ok: [localhost]

RUNNING HANDLER [app : Restart services] ***************************************
changed: [localhost]

PLAY RECAP *********************************************************************
localhost                  : ok=4    changed=3    unreachable=0    failed=0    skipped=0    rescued=0    ignored=0
"""


def test_what_a_play_changed_is_read_from_what_it_says():
    play = read_play(0, SAID)
    assert (play.changed, play.tasks, play.handlers) == (
        3,
        ["app : Settings", "app : Units"],
        ["app : Restart services"],
    )
    assert read_play(20, "ERROR: no such file").changed == -1
