"""Uploads as bytes on a socket, through the server the product runs on: chunked bodies, lies about their length, cut lines."""

import socket
from collections.abc import Iterator
from typing import Any

import pytest
from tests.common.forms import FORM, form
from tests.common.samples import PDF, png
from tests.common.waitress_server import waitress_server

from belgenet.cli.server import FORM_ALLOWANCE, largest_body
from belgenet.core.security import Role
from belgenet.core.web.request import Request

MIB = 1024 * 1024


@pytest.fixture
def address(system: Any) -> Iterator[tuple[str, int]]:
    largest = largest_body(system.wsgi)
    with waitress_server(system.wsgi, max_request_body_size=largest, channel_timeout=5) as port:
        yield "127.0.0.1", port


@pytest.fixture
def token(system: Any, tenant: Any) -> str:
    return str(system.sign_in(tenant, Role.DONOR).client.token)


def head(token: str, purpose: str, *more: str) -> bytes:
    lines = [
        f"POST /api/v1/files/upload?purpose={purpose} HTTP/1.1",
        "Host: vakif.localhost",
        f"Authorization: Bearer {token}",
        f"Content-Type: {FORM}",
        "Connection: close",
        *more,
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n"


def chunked(data: bytes, size: int = 50_000) -> bytes:
    pieces = [data[start : start + size] for start in range(0, len(data), size)]
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


def send(address: tuple[str, int], *parts: bytes, shut: bool = False) -> bytes:
    """What comes back."""
    with socket.create_connection(address, timeout=20) as line:
        try:
            for part in parts:
                line.sendall(part)
            if shut:
                line.shutdown(socket.SHUT_WR)
        except OSError:  # the server has said no and hung up
            pass
        answer = b""
        try:
            while piece := line.recv(65536):
                answer += piece
        except OSError:
            pass
        return answer


def status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1])


def test_a_body_without_a_length(system: Any, address: Any, token: str) -> None:
    answer = send(address, head(token, "attachment", "Transfer-Encoding: chunked"), chunked(form(PDF), 7))
    assert status(answer) == 201
    assert system.sql("SELECT size FROM files") == [(len(PDF),)]


def test_a_body_without_a_length_that_grows_too_large(system: Any, address: Any, token: str) -> None:
    body = chunked(form(png() + bytes(6 * MIB)))
    answer = send(address, head(token, "avatar", "Transfer-Encoding: chunked"), body)
    assert status(answer) == 413
    assert b"file_too_large" in answer
    assert system.sql("SELECT count(*) FROM files") == [(0,)]


def test_a_large_body_is_not_copied_once_more(system: Any, address: Any, token: str, monkeypatch: Any) -> None:
    def copy(_request: Any) -> None:
        raise AssertionError("the server has the body in a file already")

    monkeypatch.setattr(Request, "make_tempfile", copy)
    data = png() + bytes(2 * MIB)
    body = form(data)
    answer = send(address, head(token, "avatar", f"Content-Length: {len(body)}"), body)
    assert status(answer) == 201
    assert system.sql("SELECT size FROM files") == [(len(data),)]


def test_a_length_beyond_all_limits_is_refused_unread(address: Any, token: str) -> None:
    answer = send(address, head(token, "attachment", f"Content-Length: {10**12}"), b"x" * 1000)
    assert status(answer) == 413


def test_a_length_that_is_too_long(system: Any, address: Any, token: str) -> None:
    body = form(PDF)
    send(address, head(token, "attachment", f"Content-Length: {len(body) + 100}"), body, shut=True)
    assert system.sql("SELECT count(*) FROM files") == [(0,)]


def test_a_length_that_is_too_short(system: Any, address: Any, token: str) -> None:
    body = form(PDF)
    answer = send(address, head(token, "attachment", f"Content-Length: {len(body) - 50}"), body)
    assert status(answer) == 400
    assert system.sql("SELECT count(*) FROM files") == [(0,)]


@pytest.mark.parametrize("length", ["-1", "1e3", "0x10", "ten"])
def test_a_length_that_is_none(system: Any, address: Any, token: str, length: str) -> None:
    answer = send(address, head(token, "attachment", f"Content-Length: {length}"), form(PDF))
    assert status(answer) in {400, 413}
    assert system.sql("SELECT count(*) FROM files") == [(0,)]


def test_two_lengths(system: Any, address: Any, token: str) -> None:
    body = chunked(form(PDF))
    both = head(token, "attachment", "Transfer-Encoding: chunked", f"Content-Length: {len(body)}")
    send(address, both, body)
    assert system.sql("SELECT count(*) FROM files")[0][0] <= 1


def test_the_servers_limit_leaves_the_answer_to_the_application(system: Any) -> None:
    assert largest_body(system.wsgi) == system.settings.storage.max_upload_bytes + FORM_ALLOWANCE
