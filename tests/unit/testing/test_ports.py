import socket

import pytest

from belgenet.testing.servers import ports

EPHEMERAL_RANGE_BEGINS = 32_768


@pytest.fixture
def taken():
    """A port somebody listens on."""
    with socket.socket() as listener:
        listener.bind((ports.LOOPBACK, 0))
        listener.listen()
        yield listener.getsockname()[1]


def test_a_free_port_can_be_bound() -> None:
    with socket.socket() as probe:
        probe.bind((ports.LOOPBACK, ports.free_port()))


def test_a_taken_port_is_seen(taken: int) -> None:
    assert not ports.is_free(taken)


def test_preferred_port_is_kept_while_it_is_free() -> None:
    port = ports.free_port()
    assert ports.free_port(port) == port


def test_preferred_port_is_left_to_its_owner(taken: int) -> None:
    assert ports.free_port(taken) != taken


def test_s3_ports_leave_room_for_their_grpc_twins() -> None:
    for _ in range(50):
        port = ports.free_s3_port()
        assert port + ports.GRPC_OFFSET < EPHEMERAL_RANGE_BEGINS
        assert ports.is_free(port, port + ports.GRPC_OFFSET)


def test_a_taken_twin_makes_an_s3_port_unfit() -> None:
    port = ports.free_s3_port()
    with socket.socket() as listener:
        listener.bind((ports.LOOPBACK, port + ports.GRPC_OFFSET))
        listener.listen()
        assert ports.free_s3_port(port) != port


def test_running_out_of_ports_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ports, "is_free", lambda *_: False)
    with pytest.raises(OSError, match="no free port"):
        ports.free_port()


def test_a_port_that_is_held_is_nobody_elses_any_more() -> None:
    with ports.listening() as held:
        assert not ports.is_free(held.getsockname()[1])


def test_a_held_port_is_the_preferred_one_unless_that_is_taken(taken: int) -> None:
    preferred = ports.free_port()
    with ports.listening(preferred) as held, ports.listening(taken) as other:
        assert held.getsockname()[1] == preferred
        assert other.getsockname()[1] != taken
