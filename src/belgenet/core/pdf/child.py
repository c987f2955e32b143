"""The other side of :mod:`belgenet.core.pdf.isolated`: loads WeasyPrint once, forks a process for each order.

Standard input is the control socket (``SOCK_SEQPACKET``). A message on it is one order: its limits, and with ``SCM_RIGHTS`` the
socket for the rest (:mod:`belgenet.core.pdf.wire`). The process forked for it takes the limits on, carries it out and is gone, so
that nothing of an order meets the next. End of file means that whoever gives orders is no more: this process ends with all it
forked. It ends as well when there was nothing to do for the seconds named on the command line.
"""

import contextlib
import gc
import importlib
import logging
import os
import resource
import signal
import socket
import sys
import tempfile
import time

from belgenet.core.pdf.interfaces import PdfRenderError, RenderedPdf
from belgenet.core.pdf.templates import BrokenTemplateError, PdfTemplate, render_template
from belgenet.core.pdf.wire import BEGUN, MAX_LIMITS, Limits, pack_answer, unpack_order


def _render(template: PdfTemplate) -> RenderedPdf | BrokenTemplateError | PdfRenderError:
    # Fonts are set up here and not before the fork: Pango may start threads for them, which a fork would not copy.
    from belgenet.core.pdf.weasy import WeasyPdfRenderer  # noqa: PLC0415

    try:
        return render_template(WeasyPdfRenderer(), template)
    except (BrokenTemplateError, PdfRenderError) as problem:
        return problem


def _limit(limits: Limits) -> None:
    """From here on the kernel ends this process at the deadline, whatever code it is in."""
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, max(limits.deadline - time.monotonic(), 0.001))
    resource.setrlimit(resource.RLIMIT_AS, (limits.memory_bytes, limits.memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (limits.cpu_seconds, limits.cpu_seconds))


def _carry_out(connection: socket.socket) -> None:
    connection.sendall(BEGUN)
    with connection.makefile("rb") as words:
        order = words.read()
    # WeasyPrint writes its fonts to files, and nothing is tidied up on the way out of a forked process.
    with tempfile.TemporaryDirectory() as tempfile.tempdir:
        connection.sendall(pack_answer(_render(unpack_order(order))))
        connection.shutdown(socket.SHUT_WR)


def _begin(control: socket.socket, connection: socket.socket, limits: Limits) -> None:
    """Fork the process for one order. When there is no room for one, the connection closes unanswered."""
    with contextlib.suppress(OSError):
        if os.fork():
            return
        try:
            _limit(limits)
            control.close()
            _carry_out(connection)
        finally:
            os._exit(0)  # whoever reads the answer sees whether it is whole


def _busy() -> bool:
    try:
        os.waitpid(-1, os.WNOHANG)
    except ChildProcessError:
        return False
    return True


def _end_orders() -> None:
    os.killpg(0, signal.SIGALRM)  # deaf to it ourselves
    with contextlib.suppress(ChildProcessError):
        os.waitpid(-1, 0)


def serve(control: socket.socket, idle_seconds: float) -> None:
    """Fork for each order until the other side closes, or nothing was asked or under way for ``idle_seconds``."""
    control.settimeout(idle_seconds)
    while True:
        try:
            message, handles, _, _ = socket.recv_fds(control, MAX_LIMITS, 1)
        except TimeoutError:
            if _busy():
                continue
            return
        if not message:
            _end_orders()
            return
        with socket.socket(fileno=handles[0]) as connection:
            _begin(control, connection, Limits.unpack(message))


def _prepare_signals() -> None:
    """A service manager's SIGTERM goes to every process; the one that gives the orders finishes them first."""
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGALRM):
        signal.signal(number, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())


def main() -> None:
    """Take the control socket from standard input, load what every order needs, serve."""
    _prepare_signals()
    control = socket.socket(fileno=os.dup(0))
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    logging.getLogger("weasyprint").setLevel(logging.CRITICAL)
    importlib.import_module("belgenet.core.pdf.weasy")
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel reaps; not before, for the import waits for ldconfig
    gc.collect()
    gc.freeze()  # so that forked processes share these pages for good
    # Around the orders' own: what killed ones leave behind goes at the end.
    with tempfile.TemporaryDirectory(prefix=f"belgenet-pdf-{os.getpid()}-") as tempfile.tempdir:
        serve(control, float(sys.argv[1]))


if __name__ == "__main__":
    main()
