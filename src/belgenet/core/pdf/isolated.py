"""Rendering of templates nobody has tried yet, in a process that can be killed.

An administrator's template may loop for hours inside Jinja or Pango, where no check of ours runs; the web
process must survive it.
"""

import json
import subprocess
import sys
from base64 import b64decode, b64encode
from dataclasses import asdict
from typing import Any

from belgenet.core.pdf.interfaces import PdfRenderError, RenderedPdf
from belgenet.core.pdf.templates import BrokenTemplateError, PdfTemplate

CHILD = "belgenet.core.pdf.child"


class IsolatedTemplateRenderer:
    """Renders one :class:`PdfTemplate` per child process (about a second) under limits of time and memory."""

    def __init__(self, timeout_seconds: float = 20.0, memory_mib: int = 1024) -> None:
        self._timeout = timeout_seconds
        self._memory_mib = memory_mib

    def render(self, template: PdfTemplate) -> RenderedPdf:
        """Render ``template``. Raises :class:`BrokenTemplateError` or :class:`PdfRenderError`."""
        limits = {"memory_mib": self._memory_mib, "cpu_seconds": int(self._timeout) + 1}
        order = json.dumps({**self._wire(template), **limits})
        try:
            # -I: neither the working directory nor the environment adds code to the child.
            done = subprocess.run(  # noqa: S603 -- our own interpreter and module
                [sys.executable, "-I", "-m", CHILD],
                input=order.encode(),
                capture_output=True,
                timeout=self._timeout,
                check=False,
                env={"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"},
            )
        except subprocess.TimeoutExpired as error:
            raise PdfRenderError("timeout") from error
        if done.returncode != 0 or not done.stdout:
            raise PdfRenderError("crashed")
        return self._result(json.loads(done.stdout))

    @staticmethod
    def _wire(template: PdfTemplate) -> dict[str, Any]:
        wire = asdict(template)
        wire["assets"] = {name: b64encode(data).decode() for name, data in template.assets.items()}
        created = template.metadata.created
        wire["metadata"]["created"] = created.isoformat() if created else None
        return wire

    @staticmethod
    def _result(answer: dict[str, Any]) -> RenderedPdf:
        if problem := answer.get("problem"):
            raise BrokenTemplateError(problem["kind"], problem["line"], problem["detail"])
        if error := answer.get("error"):
            raise PdfRenderError(error)
        return RenderedPdf(b64decode(answer["data"]), answer["pages"], tuple(answer["refused"]))
