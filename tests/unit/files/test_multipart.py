"""The form reader against forms of others and against garbage."""

import io

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.common.forms import BOUNDARY, FORM, form

from belgenet.files.services.multipart import MultipartError, MultipartReader, boundary_of


class Dripping(io.BytesIO):
    """A stream that gives a few bytes at a time, as a slow network does."""

    def __init__(self, data: bytes, step: int) -> None:
        super().__init__(data)
        self.step = step

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(min(self.step, size if size and size > 0 else self.step))


def parts(body: bytes, boundary: bytes = BOUNDARY.encode(), step: int = 65536) -> list[tuple[str, str | None, bytes]]:
    reader = MultipartReader(Dripping(body, step), boundary)
    return [(part.name, part.filename, b"".join(part.pieces)) for part in reader]


@given(st.binary(max_size=5000), st.integers(min_value=1, max_value=200))
def test_any_bytes_survive_any_network(data: bytes, step: int) -> None:
    assert parts(form(data), step=step) == [("file", "dosya.bin", data)]


@given(
    st.lists(st.sampled_from([b"\r", b"\n", b"-", b"--", BOUNDARY.encode(), f"\r\n--{BOUNDARY[:-1]}".encode(), b"x"]))
)
def test_almost_delimiters_are_content(pieces: list[bytes]) -> None:
    data = b"".join(pieces)
    if f"\r\n--{BOUNDARY}".encode() in b"\r\n" + data:
        return
    assert parts(form(data), step=3) == [("file", "dosya.bin", data)]


@given(
    st.dictionaries(
        st.text(st.characters(min_codepoint=97, max_codepoint=122), min_size=1), st.binary(max_size=200), max_size=4
    ),
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=30),
)
def test_forms_of_another_program(fields: dict[str, bytes], name: str) -> None:
    files = [(field, (name, data)) for field, data in fields.items()] or [("file", (name, b""))]
    request = httpx.Request("POST", "http://x", files=files)
    found = parts(request.read(), boundary_of(request.headers["Content-Type"]))
    assert [(field, data) for field, _, data in found] == [(field, data) for field, (_, data) in files]
    assert all(given == name.replace("\\\\", "\\") or "\\" in name or "%" in name for _, given, _ in found)


@given(st.binary(max_size=2000))
def test_garbage_is_refused_and_nothing_else_happens(data: bytes) -> None:
    with pytest.raises(MultipartError):
        parts(data)


@given(st.integers(min_value=0, max_value=len(form(b"abc")) - 5))
def test_cut_off_anywhere_is_refused(length: int) -> None:
    with pytest.raises(MultipartError):
        parts(form(b"abc")[:length])


@pytest.mark.parametrize(
    ("header", "name", "filename"),
    [
        ('form-data; name="file"; filename="a.txt"', "file", "a.txt"),
        ("form-data; name=file; filename=a.txt", "file", "a.txt"),
        ('form-data; filename="a.txt"; name="file"', "file", "a.txt"),
        ('form-data; name="file"; filename="a;b.txt"', "file", "a;b.txt"),
        ('form-data; name="file"; filename="a\\"b.txt"', "file", 'a"b.txt'),
        ('form-data; name="file"; filename="a%22b.txt"', "file", 'a"b.txt'),
        ('form-data; name="file"; filename="C:\\temp\\a.txt"', "file", "C:\\temp\\a.txt"),
        ('form-data; name="file"; filename="x"; filename*=UTF-8\'\'%C3%B6.txt', "file", "ö.txt"),
        ('form-data; name="file"; filename="ödev.txt"', "file", "ödev.txt"),
        ('FORM-DATA; NAME="file"', "file", None),
        ('form-data; name="file"; filename=""', "file", ""),
    ],
)
def test_headers(header: str, name: str, filename: str | None) -> None:
    body = f"--{BOUNDARY}\r\ncontent-disposition: {header}\r\n\r\ndata\r\n--{BOUNDARY}--".encode()
    assert parts(body) == [(name, filename, b"data")]


@pytest.mark.parametrize(
    "header", ["", "X: y", 'Content-Disposition: attachment; name="file"', "Content-Disposition: form-data", "x" * 9000]
)
def test_parts_without_a_name(header: str) -> None:
    with pytest.raises(MultipartError):
        parts(f"--{BOUNDARY}\r\n{header}\r\n\r\ndata\r\n--{BOUNDARY}--".encode())


@pytest.mark.parametrize(
    "kind", ["multipart/form-data", "multipart/mixed; boundary=x", "", "multipart/form-data; boundary=", "text/plain"]
)
def test_no_boundary(kind: str) -> None:
    with pytest.raises(MultipartError):
        boundary_of(kind)


def test_boundaries() -> None:
    assert boundary_of(FORM) == BOUNDARY.encode()
    assert boundary_of('Multipart/Form-Data; charset=utf-8; boundary="a b"') == b"a b"


def test_a_part_nobody_reads_is_skipped() -> None:
    body = form(b"x" * 200_000).replace(f"--{BOUNDARY}--\r\n".encode(), b"") + form(b"second", field="other")
    assert [part.name for part in MultipartReader(io.BytesIO(body), BOUNDARY.encode())] == ["file", "other"]


def test_a_preamble_is_read_over_but_not_for_ever() -> None:
    assert parts(b"hello\r\n" + form(b"x")) == [("file", "dosya.bin", b"x")]
    with pytest.raises(MultipartError):
        parts(b"h" * 100_000 + b"\r\n" + form(b"x"))


class Endless:
    """A form whose file never ends."""

    def __init__(self) -> None:
        self.given = form(b"").partition(b"\r\n\r\n")[0] + b"\r\n\r\n"

    def read(self, _size: int) -> bytes:
        given, self.given = self.given, b"\0" * 1024
        return given


def test_memory_stays_small() -> None:
    reader = MultipartReader(Endless(), BOUNDARY.encode())
    pieces = next(iter(reader)).pieces
    for _ in range(5000):
        assert len(next(pieces)) <= 2048
        assert len(reader._buffer) <= 2048
