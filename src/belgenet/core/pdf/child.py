"""The other side of :mod:`belgenet.core.pdf.isolated`: one order on stdin, one JSON answer on stdout."""

import json
import logging
import resource
import sys
from base64 import b64decode, b64encode
from datetime import datetime
from typing import Any

from belgenet.core.pdf.interfaces import PdfMetadata, PdfRenderError
from belgenet.core.pdf.templates import BrokenTemplateError, PdfTemplate, render_template


def _template(order: dict[str, Any]) -> PdfTemplate:
    created = order["metadata"].pop("created")
    metadata = PdfMetadata(**order["metadata"], created=datetime.fromisoformat(created) if created else None)
    assets = {name: b64decode(data) for name, data in order["assets"].items()}
    return PdfTemplate(order["html"], order["css"], order["context"], order["markup"], assets, metadata)


def answer(order: dict[str, Any]) -> dict[str, Any]:
    """Carry out one order; problems come back as data."""
    # Imported after the limits are set, so that they hold for the libraries too.
    from belgenet.core.pdf.weasy import WeasyPdfRenderer  # noqa: PLC0415

    try:
        pdf = render_template(WeasyPdfRenderer(), _template(order))
    except BrokenTemplateError as problem:
        return {"problem": {"kind": problem.kind, "line": problem.line, "detail": problem.detail}}
    except PdfRenderError as error:
        return {"error": str(error)}
    return {"data": b64encode(pdf.data).decode(), "pages": pdf.pages, "refused": pdf.refused}


def main() -> None:
    """Read the order, limit this process, answer."""
    order = json.load(sys.stdin)
    memory = order.pop("memory_mib") * 1024 * 1024
    seconds = order.pop("cpu_seconds")
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    logging.getLogger("weasyprint").setLevel(logging.CRITICAL)
    json.dump(answer(order), sys.stdout)


if __name__ == "__main__":
    main()
