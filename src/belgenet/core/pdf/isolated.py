"""Rendering of templates nobody has tried yet, in a process that can be killed.

An administrator's template may loop for hours inside Jinja or Pango, where no check of ours runs; the web
process must survive it.
"""

import contextlib
import socket
import time

from belgenet.core.pdf.helper import RenderHelper
from belgenet.core.pdf.interfaces import PdfRenderError, RenderedPdf
from belgenet.core.pdf.templates import PdfTemplate
from belgenet.core.pdf.wire import BEGUN, Limits, pack_order, unpack_answer

_CHUNK = 1 << 16


class IsolatedTemplateRenderer:
    """Renders each :class:`PdfTemplate` in a process of its own, under limits of time and memory.

    The processes are forked from one helper (:mod:`belgenet.core.pdf.child`) that has loaded WeasyPrint, starts with the first
    order and ends ``idle_seconds`` after the last. Threads may render at once.
    """

    def __init__(self, timeout_seconds: float = 20.0, memory_mib: int = 1024, idle_seconds: float = 60.0) -> None:
        self._timeout = timeout_seconds
        self._memory_mib = memory_mib
        self._helper = RenderHelper(idle_seconds)

    def render(self, template: PdfTemplate) -> RenderedPdf:
        """Render ``template``. Raises :class:`BrokenTemplateError` or :class:`PdfRenderError`.

        An order that nobody began, because the helper was killed, is given to another helper once.
        """
        order = pack_order(template)
        deadline = time.monotonic() + self._timeout
        limits = Limits(self._memory_mib * 1024 * 1024, int(self._timeout) + 1, deadline).pack()
        said = self._ask(limits, order, deadline) or self._ask(limits, order, deadline)
        try:
            return unpack_answer(said.removeprefix(BEGUN))
        except ValueError as error:
            # Its alarm ends the process at the deadline, not before.
            raise PdfRenderError("timeout" if time.monotonic() >= deadline else "crashed") from error

    def _ask(self, limits: bytes, order: bytes, deadline: float) -> bytes:
        """Everything that was said to ``order`` until the other side closed."""
        said = bytearray()
        with self._helper.open_order(limits) as connection:
            try:
                with contextlib.suppress(ConnectionError):  # it died early; what it said comes next
                    _until(connection, deadline).sendall(order)
                    connection.shutdown(socket.SHUT_WR)
                with contextlib.suppress(ConnectionError):  # it died with our words unread
                    while chunk := _until(connection, deadline).recv(_CHUNK):
                        said += chunk
            except TimeoutError as error:
                raise PdfRenderError("timeout") from error
        return bytes(said)


def _until(connection: socket.socket, deadline: float) -> socket.socket:
    # Zero would mean not to wait at all, which is another error.
    connection.settimeout(max(deadline - time.monotonic(), 0.001))
    return connection
