"""Templates that take their time, and a look at the processes that draw them."""

import resource
import time
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import psutil
import pytest

from belgenet.core.pdf import IsolatedTemplateRenderer, PdfRenderError, PdfTemplate, RenderedPdf

ENDLESS = "{% for a in range(500) %}" * 4 + "{% endfor %}" * 4
LONG = "{% for a in range(500) %}{% for b in range(500) %}{% for c in range(40) %}" + "{% endfor %}" * 3 + "done"
SHORT = PdfTemplate("<p>short</p>")


def until(what: Callable[[], Any], seconds: float = 15) -> Any:
    end = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.01)
    return found


def helper_of(renderer: IsolatedTemplateRenderer) -> psutil.Process:
    return psutil.Process(until(lambda: renderer._helper._process).pid)


def limited(process: psutil.Process) -> bool:
    """Whether it carries out an order; the helper has other children while it looks for libraries."""
    try:
        return process.rlimit(resource.RLIMIT_CPU)[0] != resource.RLIM_INFINITY
    except psutil.NoSuchProcess:
        return False


def orders_of(renderer: IsolatedTemplateRenderer, count: int = 1) -> list[psutil.Process]:
    """The processes that carry out orders, once there are ``count``."""
    of = helper_of(renderer)
    return until(lambda: found if len(found := list(filter(limited, of.children()))) >= count else None)


def folder_of(renderer: IsolatedTemplateRenderer) -> Path:
    return next(Path("/tmp").glob(f"belgenet-pdf-{helper_of(renderer).pid}-*"))


def begun_order_of(renderer: IsolatedTemplateRenderer) -> psutil.Process:
    """The one process that carries out an order, once it has said so: it makes its folder after that."""
    process = orders_of(renderer)[0]
    until(lambda: list(folder_of(renderer).iterdir()))
    return process


def handles_of(process: psutil.Process) -> list[str]:
    return [str(handle.readlink()) for handle in Path(f"/proc/{process.pid}/fd").iterdir()]


def gone(process: psutil.Process) -> bool:
    try:
        return process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def in_vain(order: "Future[RenderedPdf]") -> str:
    with pytest.raises(PdfRenderError) as caught:
        order.result(30)
    return str(caught.value)


def signals_of(process: psutil.Process, row: str) -> int:
    status = Path(f"/proc/{process.pid}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith(row)).split()[1], 16)
