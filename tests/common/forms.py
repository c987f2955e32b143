"""Multipart bodies, well-formed and otherwise, written byte by byte."""

BOUNDARY = "belgenet-test-boundary"
FORM = f"multipart/form-data; boundary={BOUNDARY}"


def form(
    data: bytes, name: str = "dosya.bin", *, field: str = "file", content_type: str = "application/octet-stream"
) -> bytes:
    """A form with one file."""
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{field}"; filename="{name}"\r\n'
    return f"{head}Content-Type: {content_type}\r\n\r\n".encode() + data + f"\r\n--{BOUNDARY}--\r\n".encode()


def text_field(name: str, value: str) -> bytes:
    """The beginning of a form: one field that is no file."""
    return f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
