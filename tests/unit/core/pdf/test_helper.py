"""The helper that forks for each order: how it ends, and that another takes its place."""

import contextlib
import json
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import psutil
import pytest
from tests.unit.core.pdf.processes import (
    ENDLESS,
    LONG,
    SHORT,
    begun_order_of,
    folder_of,
    gone,
    helper_of,
    in_vain,
    limited,
    orders_of,
    until,
)

from belgenet.core.pdf import IsolatedTemplateRenderer, PdfRenderError, PdfTemplate, helper


def test_a_killed_helper_is_replaced(renderer: IsolatedTemplateRenderer) -> None:
    renderer.render(SHORT)
    killed, left = helper_of(renderer), folder_of(renderer)
    killed.kill()
    until(lambda: gone(killed))
    assert renderer.render(SHORT).pages == 1
    shutil.rmtree(left)
    assert helper_of(renderer).pid != killed.pid


def test_orders_that_wait_for_a_helper_that_is_killed_are_given_to_another(
    renderer: IsolatedTemplateRenderer, pool: ThreadPoolExecutor
) -> None:
    orders = [pool.submit(renderer.render, SHORT) for _ in range(3)]
    starting = helper_of(renderer)
    time.sleep(0.1)
    assert not list(filter(limited, starting.children()))
    starting.kill()
    assert [order.result(30).pages for order in orders] == [1, 1, 1]
    assert helper_of(renderer).pid != starting.pid


def test_an_order_under_way_survives_its_helper(renderer: IsolatedTemplateRenderer, pool: ThreadPoolExecutor) -> None:
    order = pool.submit(renderer.render, PdfTemplate(LONG))
    orders_of(renderer)
    left = folder_of(renderer)
    helper_of(renderer).kill()
    assert order.result(30).pages == 1
    shutil.rmtree(left, ignore_errors=True)  # the order may be tidying up there as well


def test_a_helper_that_never_comes_up_is_tried_twice(
    renderer: IsolatedTemplateRenderer, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = []
    real = subprocess.Popen
    monkeypatch.setattr(helper, "CHILD", "no.such.module")
    monkeypatch.setattr(helper.subprocess, "Popen", lambda *a, **k: started.append(1) or real(*a, **k))
    with pytest.raises(PdfRenderError, match="crashed"):
        renderer.render(SHORT)
    assert len(started) == 2


def test_a_service_managers_signal_lets_the_order_finish(
    renderer: IsolatedTemplateRenderer, pool: ThreadPoolExecutor
) -> None:
    order = pool.submit(renderer.render, PdfTemplate(LONG))
    for process in (*orders_of(renderer), helper_of(renderer)):
        process.terminate()
    assert order.result(30).pages == 1
    assert not gone(helper_of(renderer))


def test_an_idle_helper_ends_and_another_starts(renderers: Callable[..., IsolatedTemplateRenderer]) -> None:
    renderer = renderers(idle_seconds=0.5)
    renderer.render(SHORT)
    first = helper_of(renderer)
    assert not gone(first)
    until(lambda: gone(first), 5)
    assert renderer.render(SHORT).pages == 1
    assert helper_of(renderer).pid != first.pid


def test_a_helper_is_not_idle_while_an_order_is_under_way(
    renderers: Callable[..., IsolatedTemplateRenderer], pool: ThreadPoolExecutor
) -> None:
    renderer = renderers(idle_seconds=0.2, timeout_seconds=5)
    order = pool.submit(renderer.render, PdfTemplate(ENDLESS))
    orders_of(renderer)
    first = helper_of(renderer)
    time.sleep(1)
    assert not gone(first)
    assert in_vain(order) == "timeout"
    until(lambda: gone(first), 5)


def test_what_a_killed_order_wrote_goes_with_the_helper(
    renderers: Callable[..., IsolatedTemplateRenderer], pool: ThreadPoolExecutor
) -> None:
    renderer = renderers()
    renderer.render(SHORT)
    folder = folder_of(renderer)
    until(lambda: not list(folder.iterdir()) and not helper_of(renderer).children())
    order = pool.submit(renderer.render, PdfTemplate(ENDLESS))
    begun_order_of(renderer).kill()
    assert in_vain(order) == "crashed"
    renderer._helper.close()
    assert not folder.exists()


def test_ending_the_helper_ends_what_it_was_doing(renderer: IsolatedTemplateRenderer, pool: ThreadPoolExecutor) -> None:
    order = pool.submit(renderer.render, PdfTemplate(ENDLESS))
    process = begun_order_of(renderer)
    renderer._helper.close()
    assert in_vain(order) == "crashed"
    assert gone(process)


def test_a_renderer_that_is_dropped_takes_its_helper_along() -> None:
    renderer = IsolatedTemplateRenderer()
    renderer.render(SHORT)
    process = helper_of(renderer)
    del renderer
    assert gone(process)


PARENT = """
import json, os, subprocess, sys, threading, time
from belgenet.core.pdf import IsolatedTemplateRenderer, PdfTemplate

renderer = IsolatedTemplateRenderer()
renderer.render(PdfTemplate("<p>x</p>"))
helper = renderer._helper._process.pid
forked = os.fork()
if forked == 0:
    time.sleep(60)
    os._exit(0)
spawned = subprocess.Popen(["sleep", "60"], close_fds=False)
threading.Thread(target=renderer.render, args=[PdfTemplate(sys.argv[1])], daemon=True).start()
print(json.dumps([helper, forked, spawned.pid]), flush=True)
time.sleep(60)
"""


def test_the_helper_ends_with_its_parent_though_the_parents_children_live() -> None:
    with subprocess.Popen([sys.executable, "-c", PARENT, ENDLESS], stdout=subprocess.PIPE) as parent:
        process, forked, spawned = map(psutil.Process, json.loads(parent.stdout.readline()))
        try:
            order = until(lambda: list(filter(limited, process.children())))[0]
            parent.kill()
            until(lambda: gone(process) and gone(order), 5)
            assert not gone(forked)
            assert not gone(spawned)
        finally:
            for left in (forked, spawned):
                left.kill()


FORKED = """
import json, os, sys
from belgenet.core.pdf import IsolatedTemplateRenderer, PdfTemplate

renderer = IsolatedTemplateRenderer()
def render():
    renderer.render(PdfTemplate("<p>x</p>"))
    return renderer._helper._process.pid
before = render()
reading, writing = os.pipe()
if os.fork() == 0:
    inherited = renderer._helper._control is not None
    os.write(writing, json.dumps([render(), inherited]).encode())
    renderer._helper.close()
    os._exit(0)
os.wait()
print(json.dumps([before, *json.loads(os.read(reading, 100)), render()]))
"""


def test_a_forked_process_starts_a_helper_of_its_own() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", FORKED], capture_output=True, check=True, timeout=60, text=True
    )
    before, forked, inherited, after = json.loads(done.stdout)
    assert done.stderr == ""
    assert not inherited
    assert forked != before
    assert after == before


def test_a_fork_waits_for_an_order_that_is_being_passed_on(renderer: IsolatedTemplateRenderer) -> None:
    """Else the forked process would inherit the far end of its socket, or a lock nobody opens."""
    taken, forked = threading.Event(), threading.Event()

    def fork() -> None:
        taken.wait(5)
        pid = os.fork()
        if pid == 0:
            os._exit(0 if not helper._LOCK.locked() else 1)
        forked.set()
        codes.append(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))

    codes: list[int] = []
    thread = threading.Thread(target=fork)
    with contextlib.ExitStack() as stack:
        stack.callback(thread.join)
        with helper._LOCK:
            thread.start()
            taken.set()
            assert not forked.wait(0.3)
    assert codes == [0]
