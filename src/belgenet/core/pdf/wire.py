"""What :mod:`belgenet.core.pdf.isolated` and :mod:`belgenet.core.pdf.child` say to each other.

For each order the renderer makes a pair of stream sockets and sends one end over the helper's control socket, with
:class:`Limits`. On the other end it writes the order and shuts its side; the process that carries it out answers :data:`BEGUN`,
then the answer, and closes. Nothing at all means that nobody began; ``BEGUN`` without a whole answer, that the process died.
"""

import json
from base64 import b64decode, b64encode
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from belgenet.core.pdf.interfaces import PdfMetadata, PdfRenderError, RenderedPdf
from belgenet.core.pdf.templates import BrokenTemplateError, PdfTemplate

BEGUN = b"+"
"""First byte of an answer: the limits hold, the order is being read."""
MAX_LIMITS = 4096
"""Bytes of the message that comes with an order's socket."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What an order may cost; ``deadline`` is of :func:`time.monotonic`, which processes of a machine share."""

    memory_bytes: int
    cpu_seconds: int
    deadline: float

    def pack(self) -> bytes:
        """One message for the control socket."""
        return json.dumps(asdict(self)).encode()

    @classmethod
    def unpack(cls, message: bytes) -> "Limits":
        """Inverse of :meth:`pack`."""
        return cls(**json.loads(message))


def pack_order(template: PdfTemplate) -> bytes:
    """``template`` as JSON."""
    order = asdict(template)
    order["assets"] = {name: b64encode(data).decode() for name, data in template.assets.items()}
    created = template.metadata.created
    order["metadata"]["created"] = created.isoformat() if created else None
    return json.dumps(order).encode()


def unpack_order(message: bytes) -> PdfTemplate:
    """Inverse of :func:`pack_order`. Raises ``ValueError`` for one that was cut off."""
    order = json.loads(message)
    created = order["metadata"].pop("created")
    metadata = PdfMetadata(**order["metadata"], created=datetime.fromisoformat(created) if created else None)
    assets = {name: b64decode(data) for name, data in order["assets"].items()}
    return PdfTemplate(order["html"], order["css"], order["context"], order["markup"], assets, metadata)


def pack_answer(outcome: RenderedPdf | BrokenTemplateError | PdfRenderError) -> bytes:
    """``outcome`` as JSON; problems are data."""
    answer: dict[str, Any]
    if isinstance(outcome, BrokenTemplateError):
        answer = {"problem": {"kind": outcome.kind, "line": outcome.line, "detail": outcome.detail}}
    elif isinstance(outcome, PdfRenderError):
        answer = {"error": str(outcome)}
    else:
        answer = {"data": b64encode(outcome.data).decode(), "pages": outcome.pages, "refused": outcome.refused}
    return json.dumps(answer).encode()


def unpack_answer(message: bytes) -> RenderedPdf:
    """The document, or raises what :func:`pack_answer` was given; ``ValueError`` for an answer that was cut off."""
    answer = json.loads(message)
    if problem := answer.get("problem"):
        raise BrokenTemplateError(problem["kind"], problem["line"], problem["detail"])
    if error := answer.get("error"):
        raise PdfRenderError(error)
    return RenderedPdf(b64decode(answer["data"]), answer["pages"], tuple(answer["refused"]))
